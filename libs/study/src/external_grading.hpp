#pragma once
#include <gliocast/analysis/grading_study.hpp>
#include <gliocast/core/json.hpp>
#include <gliocast/nn/device.hpp>
#include <gliocast/pipeline/examine.hpp>

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace gliocast::study {

/// What a model says of a cohort that did not fit it.
struct ExternalGrading {
  analysis::GradingStudyResults results;  ///< one row in table_1; tables 2 and S3 are empty
  Json audit;                             ///< who was tested, and the threshold
  std::vector<std::string> notes;         ///< doubtful ones begin with "warning: "
};

/// The grade of patients with a known one, by a model of `study grading`. Throws Error{UnusableInput} where patients
/// fitted a network of it, lack the model's sequence, or are all of one grade; Error{MissingModel} as
/// pipeline::read_fused_grading().
[[nodiscard]] ExternalGrading grade_externally(const std::filesystem::path& model, pipeline::ExaminedCohort examined,
                                               const analysis::GradingStudyOptions& options, nn::Device device);

}  // namespace gliocast::study
