#pragma once
#include "patient_work.hpp"

#include <gliocast/analysis/patient_survival.hpp>
#include <gliocast/core/run_key.hpp>
#include <gliocast/models/bundle.hpp>
#include <gliocast/pipeline/predict.hpp>

namespace gliocast::pipeline {

/// Survival by a Cox model and the patient's clinical record.
class SurvivalEstimator {
 public:
  /// Reads the model: from the folder of models or, where it lacks it, from where models are looked for. Throws
  /// Error{MissingModel}.
  explicit SurvivalEstimator(const PredictOptions& options);

  [[nodiscard]] const models::Bundle& bundle() const noexcept { return bundle_; }
  [[nodiscard]] findings::ModelCard card() const;
  /// What of a record the finding depends on.
  void add_to(RunKey& key, const findings::ClinicalRecord& record) const;
  /// Adds the finding to what was found; the grade must be there.
  void estimate(PatientWork& work) const;
  /// Writes figures and the interactive nomogram of an estimate, and keeps the figures for the report.
  void write(const std::filesystem::path& out, const std::string& id, PatientWork& work) const;

 private:
  models::Bundle bundle_;
  analysis::PatientSurvivalModel model_;
};

}  // namespace gliocast::pipeline
