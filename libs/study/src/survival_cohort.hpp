#pragma once
#include "cohort_tables.hpp"

#include <gliocast/analysis/signature_table.hpp>
#include <gliocast/nn/prognosis_training.hpp>
#include <gliocast/pipeline/clinical_outcomes.hpp>
#include <gliocast/signature/survival_table.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace gliocast::study {

/// The cohort's patients who have a survival time: every part has one entry a patient, in one order.
struct SurvivalCohort {
  std::vector<nn::PrognosisCase> cases;  ///< what prognosis networks learn from; none where radiomics were given
  bool simulated = false;                ///< some of them are simulated
  std::string outlined_by;               ///< name of the segmentation model, or "experts"
  std::vector<Sequence> sequences;       ///< those that a patient has at least
  /// Radiomics of each of them, by its name, with survival.
  std::vector<std::pair<std::string, signature::SurvivalTable>> tables;
  stats::DataFrame clinical;      ///< the rows of the clinical table
  std::vector<Failure> failures;  ///< patients who could not be examined
  [[nodiscard]] const signature::SurvivalTable& any() const { return tables.front().second; }
  /// One of the tables as evaluations of tables take it.
  [[nodiscard]] analysis::SignatureTable table(std::size_t sequence, const survival::OutcomeColumns& outcome) const;
};

/// Which patients, and what becomes of them.
struct SurvivalCohortOptions {
  pipeline::ClinicalTable clinical;
  pipeline::ExamineOptions examine;    ///< as the cohort is to be examined
  std::optional<Sequence> sequence{};  ///< radiomics of this one alone
  std::filesystem::path failures;      ///< the table of those who could not be
  std::size_t least_events = 0;        ///< patients with an event, below which nothing is begun
  bool permute = false;                ///< survival is shuffled with the seed
  std::uint64_t seed = 1;
};
/// How many of the patients have a survival time that ends with the event.
[[nodiscard]] std::size_t events_among(const std::vector<cohort::PatientFiles>& patients,
                                       const std::map<std::string, pipeline::ClinicalOutcome>& outcomes);
/// Examines the patients who have a survival time; the others are told. Throws Error{UnusableInput} where there are
/// none, too few have an event, or no sequence is measured.
[[nodiscard]] SurvivalCohort survival_cohort(std::vector<cohort::PatientFiles> patients,
                                             const SurvivalCohortOptions& options);

}  // namespace gliocast::study
