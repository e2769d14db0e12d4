#pragma once
#include "cohort_tables.hpp"

#include <gliocast/nn/prognosis_training.hpp>
#include <gliocast/pipeline/clinical_outcomes.hpp>
#include <gliocast/signature/survival_table.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace gliocast::study {

/// The cohort's patients who have a survival time: every part has one entry a patient, in one order.
struct SurvivalCohort {
  std::vector<nn::PrognosisCase> cases;  ///< what prognosis networks learn from
  bool simulated = false;                ///< some of them are simulated
  std::vector<Sequence> sequences;       ///< those that a patient has at least
  /// Radiomics of each of them, by its name, with survival.
  std::vector<std::pair<std::string, signature::SurvivalTable>> tables;
  [[nodiscard]] const signature::SurvivalTable& any() const { return tables.front().second; }
};

/// `permute`: survival is shuffled with the seed. Throws Error{UnusableInput} where no sequence is measured.
[[nodiscard]] SurvivalCohort survival_cohort(pipeline::ExaminedCohort examined,
                                             const std::map<std::string, pipeline::ClinicalOutcome>& outcomes,
                                             const std::vector<Sequence>& sequences, bool permute, std::uint64_t seed);

}  // namespace gliocast::study
