#pragma once
// The one place that knows differences between libtorch versions and devices.
#include <gliocast/nn/device.hpp>

#include <torch/torch.h>

#include <memory>
#include <string>
#include <type_traits>

namespace gliocast::nn {

/// A 3-D convolution with "same" padding for odd kernels. libtorch 1.13 sends batch-1 convolutions of small volumes to
/// a kernel that is up to 30 times slower than oneDNN; where no gradient is wanted we call oneDNN ourselves. x [N, C,
/// D, H, W].
inline torch::Tensor conv3d(const torch::Tensor& x, const torch::Tensor& weight, const torch::Tensor& bias,
                            int64_t stride, int64_t padding) {
  const bool direct =
      x.device().is_cpu() && x.scalar_type() == torch::kFloat && !torch::GradMode::is_enabled() && at::hasMKLDNN();
  if (direct)
    return at::mkldnn_convolution(x.contiguous(), weight, bias, std::vector<int64_t>(3, padding),
                                  std::vector<int64_t>(3, stride), std::vector<int64_t>(3, 1), 1);
  return at::conv3d(x, weight, bias, stride, padding);
}

inline torch::Device torch_device(Device device) { return device == Device::Cuda ? torch::kCUDA : torch::kCPU; }

/// What an optimiser keeps of a parameter; nothing where it has not stepped yet. libtorch finds it by the parameter's
/// address, as text up to 2.0 and as a pointer from then on.
template <typename Optimizer>
std::unique_ptr<torch::optim::OptimizerParamState>& optimizer_state(Optimizer& optimizer,
                                                                    const torch::Tensor& parameter) {
  auto& states = optimizer.state();
  if constexpr (std::is_same_v<typename std::decay_t<decltype(states)>::key_type, std::string>)
    return states[c10::guts::to_string(parameter.unsafeGetTensorImpl())];
  else
    return states[parameter.unsafeGetTensorImpl()];
}

}  // namespace gliocast::nn
