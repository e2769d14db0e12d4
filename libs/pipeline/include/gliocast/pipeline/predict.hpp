#pragma once
#include <gliocast/cohort/patient.hpp>
#include <gliocast/findings/prediction.hpp>
#include <gliocast/nn/device.hpp>
#include <gliocast/pipeline/failure.hpp>
#include <gliocast/preprocess/preprocess.hpp>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace gliocast::pipeline {

struct PredictOptions {
  std::filesystem::path out;
  std::filesystem::path models;  ///< folder of bundles; empty: see models::find_bundle
  std::string segmentation_model = "segmentation-default", grading_model = "grading-default";
  /// Of survival, of patients with a clinical record; empty: none is told.
  std::string survival_model = "nomogram-lgg", survival_unit;
  /// Of kind fused-signature: a folder or a name; empty: the shipped one where the folder of models has it; "none".
  std::string signature_model, signature_unit;
  preprocess::PreprocessOptions preprocess;
  Sequence radiomics_sequence = Sequence::T1Gd;
  nn::Device device = nn::Device::Cpu;
  std::size_t threads = 0;  ///< of one patient
  BatchOptions batch;
  bool resume = false;  ///< skip patients whose prediction.json was made from the same inputs, models and settings
};

/// The networks of a run, loaded once and shared by all patients (prediction does not change them).
class Predictor {
 public:
  explicit Predictor(PredictOptions options);
  ~Predictor();

  /// One patient: preprocess, outline, measure, grade, write the output tree that README shows. Returns what
  /// was found, which prediction.json holds too.
  findings::Prediction predict(const cohort::PatientFiles& patient, StageTimer& timer) const;

  /// All patients, in parallel; a patient that fails is reported in the log and in failures.tsv, and the rest done.
  /// Returns the failures, in the order of the patients.
  std::vector<Failure> predict_all(const std::vector<cohort::PatientFiles>& patients) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace gliocast::pipeline
