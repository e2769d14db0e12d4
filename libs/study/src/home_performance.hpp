#pragma once
#include <gliocast/core/json.hpp>

#include <filesystem>

namespace gliocast::study {

// How the models of a study did at home, as its stages report it, for comparison elsewhere: {"cross_validated": {…},
// "second_cohort": {…} or null}, each a statistic {"estimate", "lower", "upper"}. Of a second cohort with fewer than
// analysis::kLeastCell patients of a grade, or events, nothing is said.

/// auc, sensitivity, specificity, brier, calibration_slope. `stages`: folder of a finished study.
[[nodiscard]] Json grading_at_home(const std::filesystem::path& stages);
/// c_index; clinical_nomogram and integrated_nomogram (their C) where they were compared.
[[nodiscard]] Json survival_at_home(const std::filesystem::path& stages);

}  // namespace gliocast::study
