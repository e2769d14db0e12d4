#pragma once
#include "survival_cohort.hpp"

#include <gliocast/analysis/harmonise.hpp>
#include <gliocast/analysis/signature_evaluation.hpp>
#include <gliocast/nn/device.hpp>
#include <gliocast/pipeline/fused_signature.hpp>

#include <vector>

namespace gliocast::study {

/// A second cohort, and what the signature of all of the first says of it.
struct ExternalSurvival {
  analysis::SignatureTable table;
  analysis::ExternalSignature said;  ///< its table is not set
  std::vector<Failure> failures;
};
/// `cohort`: who, and how they are examined. `reference`: radiomics are taken towards it first. Throws
/// Error{UnusableInput} as survival_cohort(), and where nobody has the sequence of the signature.
[[nodiscard]] ExternalSurvival predict_external(const pipeline::FusedSignature& fused,
                                                const std::vector<cohort::PatientFiles>& patients,
                                                const SurvivalCohortOptions& cohort, const std::vector<double>& times,
                                                double level, const analysis::Harmonisation* reference = nullptr);

}  // namespace gliocast::study
