#pragma once
#include <gliocast/core/json.hpp>
#include <gliocast/findings/prediction.hpp>

#include <string>
#include <vector>

namespace gliocast::pipeline {

// predictions.tsv: what was found on each patient of a cohort, a row a patient.

[[nodiscard]] std::vector<std::string> cohort_columns();
/// One cell a column; empty where nothing is said, and of survival where it depends on what is not known.
[[nodiscard]] std::vector<std::string> cohort_row(const findings::Prediction& prediction);
/// What the columns mean, with their units.
[[nodiscard]] Json cohort_dictionary();

}  // namespace gliocast::pipeline
