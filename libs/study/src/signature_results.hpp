#pragma once
#include "survival_cohort.hpp"

#include <gliocast/analysis/signature_evaluation.hpp>
#include <gliocast/core/json.hpp>
#include <gliocast/core/table.hpp>
#include <gliocast/signature/choose_table.hpp>

#include <string>
#include <vector>

namespace gliocast::study {

/// What one way to tell risk says of patients while they were tested, one entry a patient.
struct TestedWay {
  std::string name;
  std::vector<double> risk;     ///< higher in who dies first: minus the signature, or a network's own
  std::vector<char> high_risk;  ///< empty of a network alone, which has no cut
};

/// What the tested ways are worth, beside each other.
struct WayComparison {
  Json json;
  TextTable table;        ///< as EvaluatedCohort::comparison
  TextTable predictions;  ///< a row a patient
};
/// `fold`: of each patient. C and its interval of the first way are those of its metrics (of their first repeat).
[[nodiscard]] WayComparison compare_ways(const signature::SurvivalTable& cohort, const std::vector<TestedWay>& ways,
                                         const std::vector<int>& fold,
                                         const analysis::SignatureEvaluationOptions& options);

/// Prognosis from radiomics of each sequence: AUC of the training patients left out within. `ids`: of all rows.
struct SequenceAucs {
  Json json;
  TextTable table;                 ///< as EvaluatedCohort::sequences
  TextTable predictions;           ///< as EvaluatedCohort::sequence_predictions
  std::vector<std::string> notes;  ///< how many have no label
};
[[nodiscard]] SequenceAucs sequence_aucs(const signature::TableChoice& choice, const std::vector<std::string>& ids);

}  // namespace gliocast::study
