#pragma once
#include "patient_work.hpp"
#include "survival.hpp"

#include <gliocast/analysis/patient_survival.hpp>
#include <gliocast/core/run_key.hpp>
#include <gliocast/nn/device.hpp>
#include <gliocast/pipeline/fused_signature.hpp>
#include <gliocast/radiomics/parameters.hpp>

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace gliocast::pipeline {

/// What a signature's model says of the row that each member reads: `tables`, one a member. Means of the members:
/// value, cut, survival and its limits, what the training signatures were like.
[[nodiscard]] findings::SignatureEstimate estimate_signature(const FusedSignature& fused,
                                                             const std::vector<learn::FeatureTable>& tables,
                                                             const analysis::ToldTimes& told);

/// The signature of a patient, and survival by the nomograms of its bundle.
class SignatureEstimator {
 public:
  /// `unit` of the model's times; empty: its card says it, or the name of the column of times; times of simulated
  /// patients are months. Throws Error{MissingModel} where it is not known, and as PatientSurvivalModel does.
  SignatureEstimator(FusedSignature fused, const std::string& unit, nn::Device device);

  [[nodiscard]] const models::Bundle& bundle() const noexcept { return fused_.bundle; }
  [[nodiscard]] findings::ModelCard card() const;
  /// What of a record the findings depend on.
  void add_to(RunKey& key, const findings::ClinicalRecord& record) const;
  /// Adds the findings to what was found; grade and measures must be there.
  void estimate(PatientWork& work, const cohort::PatientFiles& patient, std::size_t threads) const;
  /// Writes the figures and interactive nomograms, and keeps the figures for the report.
  void write(const std::filesystem::path& out, const std::string& id, PatientWork& work) const;

 private:
  using Result = std::variant<findings::NoSignature, findings::SignatureEstimate>;
  [[nodiscard]] Result assess(PatientWork& work, const cohort::PatientFiles& patient, std::size_t threads) const;
  [[nodiscard]] std::optional<findings::NoSignature> unseen(const PatientWork& work) const;
  [[nodiscard]] std::vector<learn::FeatureTable> tables_of(const PatientWork& work, std::size_t threads) const;
  void estimate_survival(PatientWork& work) const;

  FusedSignature fused_;
  nn::Device device_;
  radiomics::Parameters radiomics_;
  analysis::ToldTimes told_;
  findings::SignatureModelFacts facts_;
  std::vector<SurvivalEstimator>
      nomograms_;  ///< the clinical one and the integrated one, as far as the bundle has them
};

}  // namespace gliocast::pipeline
