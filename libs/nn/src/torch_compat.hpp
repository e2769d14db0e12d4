#pragma once
// The one place that knows differences between libtorch versions and devices.
#include <torch/torch.h>

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

}  // namespace gliocast::nn
