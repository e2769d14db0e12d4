#pragma once
#include "patient_work.hpp"

#include <gliocast/nn/cropping.hpp>
#include <gliocast/nn/device.hpp>
#include <gliocast/nn/grad_cam.hpp>
#include <gliocast/nn/grading_network.hpp>
#include <gliocast/pipeline/network_bundle.hpp>

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace gliocast::pipeline {

/// What states the grade of an outlined tumour. Shared by all patients.
class GradingModel {
 public:
  virtual ~GradingModel() = default;
  /// Deep features of the patch and, where it can be stated, the grade. The features are measurements like radiomics
  /// and are written with a refusal as well.
  virtual void grade(PatientWork& work, const cohort::PatientFiles& patient, std::size_t threads) const = 0;
  /// Grad-CAM of the patch for high or low grade: the mean of the networks.
  [[nodiscard]] virtual nn::ActivationMap activation(const nn::NetworkInput& patch, bool high_grade) const = 0;
  /// The bundle that was asked for; its first networks, which say what is read.
  [[nodiscard]] virtual const models::Bundle& bundle() const noexcept = 0;
  [[nodiscard]] virtual const NetworkBundle& networks() const noexcept = 0;
  [[nodiscard]] bool demonstration() const { return is_demonstration(bundle()); }
};

/// Reads a bundle of kind grading or fused-grading. Throws Error{MissingModel}.
[[nodiscard]] std::unique_ptr<GradingModel> read_grading_model(const std::filesystem::path& folder, nn::Device device);

/// The networks of a bundle as they read a patient.
class PatchNetworks {
 public:
  /// Throws Error{MissingModel} where the networks cannot be built, or the patch is out of range.
  PatchNetworks(const NetworkBundle& bundle, nn::Device device);
  /// Cuts the patch about the tumour, or the brain, and tells where it lies. `stored`: with values as cases hold them.
  void cut(PatientWork& work, nn::GradingInput input, bool stored = false) const;
  /// What the networks were fitted to read.
  [[nodiscard]] nn::GradingInput input() const noexcept { return reading_.input; }
  /// Of each network.
  [[nodiscard]] std::vector<nn::GradingOutput> read(const nn::NetworkInput& patch) const;
  [[nodiscard]] std::vector<nn::ActivationMap> activations(const nn::NetworkInput& patch, bool high_grade) const;

 private:
  GradingReading reading_;
  std::vector<nn::GradingNetwork> members_;
  std::vector<Sequence> channels_;
  double spacing_mm_ = 2;
};

/// Puts the activation map of a stated grade on the working grid and tells what it shows; without a grade there is
/// none.
void map_activation(PatientWork& work, const GradingModel& model);

/// The thickest slices of an exam as its files say: the largest voxel spacing of any sequence and, of DICOM, the
/// nominal slice thickness (slices may overlap). What was resampled to thin slices before cannot be told.
[[nodiscard]] double thickest_slice_mm(const image::Exam& exam,
                                       const std::map<Sequence, dicom::Acquisition>& acquisition);

}  // namespace gliocast::pipeline
