#pragma once
#include "patient_work.hpp"

#include <gliocast/nn/device.hpp>
#include <gliocast/nn/segmentation_network.hpp>
#include <gliocast/pipeline/network_bundle.hpp>

#include <vector>

namespace gliocast::pipeline {

/// Outlines the tumour: by the networks of a bundle, or as the user drew it. Shared by all patients.
class Outliner {
 public:
  /// Throws Error{MissingModel} where the bundle's networks cannot be built.
  Outliner(NetworkBundle networks, nn::Device device);

  /// Sets network_input, coarse and the tumour's masks of a prepared patient, and the remarks on them. Throws
  /// Error{UnusableInput} where the user's mask lies outside the brain.
  void outline(PatientWork& work, const cohort::PatientFiles& patient) const;

  /// Takes the user's outline (work.given.tumour) as the tumour's: its masks within the brain, and the remarks on it.
  /// Throws as outline().
  void take_given_tumour(PatientWork& work, const cohort::PatientFiles& patient) const;

  [[nodiscard]] const NetworkBundle& networks() const noexcept { return bundle_; }

 private:
  [[nodiscard]] std::size_t factor() const;
  void segment(PatientWork& w) const;
  [[nodiscard]] std::vector<float> tumour_probability(const nn::NetworkInput& input) const;
  [[nodiscard]] std::vector<Sequence> partly_imaged(const preprocess::PreparedExam& prepared) const;
  void replace_where_not_imaged(const PatientWork& w, const std::vector<Sequence>& partial,
                                std::vector<float>& p) const;

  NetworkBundle bundle_;
  std::vector<nn::SegmentationNetwork> members_;
};

}  // namespace gliocast::pipeline
