#pragma once
#include "patient_work.hpp"

#include <gliocast/analysis/patient_survival.hpp>
#include <gliocast/core/run_key.hpp>
#include <gliocast/models/bundle.hpp>
#include <gliocast/pipeline/predict.hpp>

namespace gliocast::pipeline {

/// Reads a Cox model: from the folder of models or, where it lacks it, from where models are looked for. Throws
/// Error{MissingModel}.
[[nodiscard]] models::Bundle read_survival_bundle(const std::filesystem::path& models, const std::string& name);

/// Draws a figure and returns it as text; empty where gnuplot is missing, which is told.
[[nodiscard]] std::string drawn(const std::filesystem::path& file, const analysis::FigureSpecification& figure);

/// Survival by a Cox model and the patient's clinical record.
class SurvivalEstimator {
 public:
  /// `unit` as for PatientSurvivalModel, whose errors are thrown. Files of another role than Clinical have its name.
  SurvivalEstimator(models::Bundle bundle, const std::string& unit,
                    findings::SurvivalRole role = findings::SurvivalRole::Clinical);

  [[nodiscard]] const models::Bundle& bundle() const noexcept { return bundle_; }
  [[nodiscard]] findings::ModelCard card() const;
  /// What of a record the finding depends on.
  void add_to(RunKey& key, const findings::ClinicalRecord& record) const;
  [[nodiscard]] findings::SurvivalFinding estimate(const findings::ClinicalRecord& record,
                                                   const findings::Grade& grade) const;
  /// Writes figures and the interactive nomogram of the estimate that was found, and keeps the figures for the report.
  void write(const std::filesystem::path& out, const std::string& id, PatientWork& work) const;

 private:
  models::Bundle bundle_;
  findings::SurvivalRole role_;
  analysis::PatientSurvivalModel model_;
};

}  // namespace gliocast::pipeline
