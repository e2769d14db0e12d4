#pragma once
#include <gliocast/nn/device.hpp>
#include <gliocast/nn/network_input.hpp>
#include <gliocast/nn/network_options.hpp>
#include <gliocast/nn/safetensors.hpp>

#include <memory>
#include <vector>

namespace gliocast::nn {

/// What the prognosis network says about one slice.
struct PrognosisOutput {
  double grade_logit = 0;       ///< log odds of WHO III against II, not calibrated
  double survival = 0;          ///< log hazard, but for a constant (loss `cox`), or log time (loss `time`)
  std::vector<float> features;  ///< deep features: options.features() values, from the average pool
};

/// A fitted 2-D ResNet18 that only predicts.
class PrognosisNetwork {
 public:
  /// Throws Error{MissingModel} where a tensor is absent or has another shape.
  PrognosisNetwork(const Resnet2dOptions& options, const TensorFile& weights, Device device = Device::Cpu);
  ~PrognosisNetwork();
  PrognosisNetwork(PrognosisNetwork&&) noexcept;
  PrognosisNetwork& operator=(PrognosisNetwork&&) noexcept;

  /// `slice`: one slice, as tumour_slice cuts it.
  [[nodiscard]] PrognosisOutput predict(const NetworkInput& slice) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace gliocast::nn
