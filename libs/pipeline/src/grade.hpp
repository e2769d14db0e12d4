#pragma once
#include "grading_model.hpp"

#include <gliocast/stats/logistic_calibration.hpp>

namespace gliocast::pipeline {

/// Grades by the networks of a bundle and its calibration.
class Grader final : public GradingModel {
 public:
  /// Throws Error{MissingModel} where the bundle's networks cannot be built, or its patch is out of range.
  Grader(NetworkBundle networks, nn::Device device);

  void grade(PatientWork& work, const cohort::PatientFiles& patient, std::size_t threads) const override;
  [[nodiscard]] nn::ActivationMap activation(const nn::NetworkInput& patch, bool high_grade) const override;
  [[nodiscard]] const models::Bundle& bundle() const noexcept override { return bundle_.bundle; }
  [[nodiscard]] const NetworkBundle& networks() const noexcept override { return bundle_; }

 private:
  NetworkBundle bundle_;
  PatchNetworks networks_;
  std::vector<stats::LogisticCalibration> calibration_;  ///< bootstrap draws
  std::size_t calibration_patients_ = 0;
};

}  // namespace gliocast::pipeline
