#pragma once
#include "signature_design.hpp"
#include "survival_cohort.hpp"

#include <gliocast/pipeline/fused_signature.hpp>
#include <gliocast/study/signature.hpp>

#include <cstddef>
#include <string>

namespace gliocast::study {

/// The cohort, examined in work/`folder`, when it has enough patients with an event for every one of `ways` in so many
/// folds (0: none).
[[nodiscard]] SurvivalCohort examined_cohort(const std::vector<cohort::PatientFiles>& patients,
                                             const pipeline::ClinicalTable& clinical, const SignatureOptions& options,
                                             const std::vector<signature::SignatureSpecification>& ways,
                                             std::size_t folds, bool permute);

/// A signature that was fitted to radiomics of this table of the cohort, as a model.
[[nodiscard]] pipeline::FusedSignature fuse(const SurvivalCohort& cohort, std::size_t table,
                                            const FittedSignature& fitted, const SignatureOptions& options,
                                            const std::string& name);

}  // namespace gliocast::study
