#pragma once
#include "patient_work.hpp"

#include <gliocast/nn/device.hpp>
#include <gliocast/nn/grading_network.hpp>
#include <gliocast/pipeline/network_bundle.hpp>
#include <gliocast/stats/logistic_calibration.hpp>

#include <array>
#include <vector>

namespace gliocast::pipeline {

/// States the grade of an outlined tumour by the networks of a bundle and its calibration. Shared by all patients.
class Grader {
 public:
  /// Throws Error{MissingModel} where the bundle's networks cannot be built, or its patch is out of range.
  Grader(NetworkBundle networks, nn::Device device);

  /// Patch, deep features and, where it can be stated, the grade. The features are measurements like radiomics and are
  /// written with a refusal as well.
  void grade(PatientWork& work, const cohort::PatientFiles& patient) const;

  [[nodiscard]] const NetworkBundle& networks() const noexcept { return bundle_; }

 private:
  NetworkBundle bundle_;
  std::vector<nn::GradingNetwork> members_;
  std::array<std::int64_t, 3> patch_zyx_{};
  double patch_step_ = 1;
  std::vector<stats::LogisticCalibration> calibration_;  ///< bootstrap draws
  std::size_t calibration_patients_ = 0;
};

/// The thickest slices of an exam as its files say: the largest voxel spacing of any sequence and, of DICOM, the
/// nominal slice thickness (slices may overlap). What was resampled to thin slices before cannot be told.
[[nodiscard]] double thickest_slice_mm(const image::Exam& exam,
                                       const std::map<Sequence, dicom::Acquisition>& acquisition);

}  // namespace gliocast::pipeline
