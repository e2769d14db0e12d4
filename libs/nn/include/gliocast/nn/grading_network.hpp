#pragma once
#include <gliocast/nn/device.hpp>
#include <gliocast/nn/network_input.hpp>
#include <gliocast/nn/network_options.hpp>
#include <gliocast/nn/safetensors.hpp>

#include <memory>
#include <vector>

namespace gliocast::nn {

/// What the grading network says about one patch.
struct GradingOutput {
  double logit = 0;             ///< log odds of high grade, not calibrated
  std::vector<float> features;  ///< deep features: options.features() values, from the average pool
};

struct ActivationMap;

/// A fitted 3-D ResNet18 that only predicts.
class GradingNetwork {
 public:
  /// Throws Error{MissingModel} where a tensor is absent or has another shape.
  GradingNetwork(const ResnetOptions& options, const TensorFile& weights, Device device = Device::Cpu);
  ~GradingNetwork();
  GradingNetwork(GradingNetwork&&) noexcept;
  GradingNetwork& operator=(GradingNetwork&&) noexcept;

  /// `patch`: as cut_patch cuts it.
  [[nodiscard]] GradingOutput predict(const NetworkInput& patch) const;

 private:
  friend ActivationMap grad_cam(const GradingNetwork& network, const NetworkInput& patch, bool high_grade);
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace gliocast::nn
