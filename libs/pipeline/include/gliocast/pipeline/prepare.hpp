#pragma once
#include <gliocast/cohort/patient.hpp>
#include <gliocast/core/json.hpp>
#include <gliocast/pipeline/failure.hpp>
#include <gliocast/preprocess/preprocess.hpp>

#include <filesystem>
#include <string>
#include <vector>

namespace gliocast::pipeline {

struct PrepareOptions {
  std::filesystem::path out;
  preprocess::PreprocessOptions preprocess;
  BatchOptions batch;
  bool resume = false;  ///< skip patients whose preprocessing.json was made from the same inputs and settings
};

/// Preprocessing alone: images, masks and transforms of write_prepared_images, preprocessing.json and
/// preprocessing.html for every patient; failures as in Predictor::predict_all.
[[nodiscard]] std::vector<Failure> prepare_all(const std::vector<cohort::PatientFiles>& patients,
                                               const PrepareOptions& options);

}  // namespace gliocast::pipeline
