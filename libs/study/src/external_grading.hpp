#pragma once
#include <gliocast/analysis/grading_study.hpp>
#include <gliocast/analysis/harmonise.hpp>
#include <gliocast/core/json.hpp>
#include <gliocast/nn/device.hpp>
#include <gliocast/pipeline/examine.hpp>

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace gliocast::study {

/// What tables call the model for use among the ablations.
inline constexpr const char* kModelForUse = "+ SE, patches";

/// What a model says of a cohort that did not fit it.
struct ExternalGrading {
  analysis::GradingStudyResults results;  ///< one row in table_1; tables 2 and S3 are empty
  analysis::GradingStudy study;           ///< what they are of: ids, grades, probabilities, classes
  Json audit;                             ///< who was tested, and the threshold
  std::vector<std::string> notes;         ///< doubtful ones begin with "warning: "
};

/// The grade of patients with a known one, by a model of `study grading`. Throws Error{UnusableInput} where patients
/// fitted a network of it, lack the model's sequence, or are all of one grade; Error{MissingModel} as
/// pipeline::read_fused_grading(). `reference`: radiomics are taken towards it first.
[[nodiscard]] ExternalGrading grade_externally(const std::filesystem::path& model, pipeline::ExaminedCohort examined,
                                               const analysis::GradingStudyOptions& options, nn::Device device,
                                               const analysis::Harmonisation* reference = nullptr);

/// The same by a model of radiomics alone: a classifier of this sequence's.
[[nodiscard]] ExternalGrading grade_by_radiomics(const std::filesystem::path& model, Sequence sequence,
                                                 pipeline::ExaminedCohort examined,
                                                 const analysis::GradingStudyOptions& options);

}  // namespace gliocast::study
