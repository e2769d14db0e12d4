#pragma once
#include "frozen_bundle.hpp"
#include "study_patients.hpp"

#include <gliocast/analysis/shared_statistics.hpp>
#include <gliocast/study/frozen.hpp>
#include <gliocast/survival/concordance.hpp>

#include <cstddef>
#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace gliocast::study {

/// One nomogram on the cohort.
struct JudgedNomogram {
  std::string name;  ///< "clinical", "integrated"
  survival::Concordance concordance;
  stats::Estimate slope;
  std::size_t n = 0, events = 0;  ///< rows that it could be judged on
};

/// What the models of a bundle said of a cohort: patients' rows, of which statistics are made.
struct FrozenResults {
  StudyCohort cohort;                          ///< found, removed, included
  std::vector<cohort::PatientFiles> examined;  ///< of the included
  std::optional<analysis::GradedRows> graded{};
  std::optional<analysis::SurvivalRows> survival{};
  std::vector<JudgedNomogram> nomograms{};
  std::vector<std::string> missing{};  ///< what could not be judged and why, in sentences without a patient
  bool simulated = false;
};

/// The statistics that may leave the hospital, ready to be written.
struct FrozenStatistics {
  Json json;
  TextTable counts, characteristics, grading, survival, at_times, comparison;
  TextTable groups;                                       ///< of the calibration of the grading
  TextTable recalibrated_grading, recalibrated_survival;  ///< without rows where not asked for
  std::optional<analysis::XyFigure> calibration{};
  std::vector<std::string> missing;
};
[[nodiscard]] FrozenStatistics share(const FrozenResults& results, const FrozenBundle& bundle,
                                     const StudySettings& settings, const FrozenValidationOptions& options);

/// statistics.json, tables, report.html and report.md into a folder, which is emptied before.
void write_statistics(const std::filesystem::path& folder, const FrozenStatistics& statistics,
                      const FrozenBundle& bundle, const FrozenResults& results, const FrozenValidationOptions& options);

}  // namespace gliocast::study
