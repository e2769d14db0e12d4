#pragma once
#include "torch_compat.hpp"

#include <gliocast/nn/network_options.hpp>

namespace gliocast::nn {

/// torchvision's BasicBlock: two 3×3 convolutions, the first with `stride`; a 1×1 projection where shapes change.
struct BasicBlock2dImpl : torch::nn::Module {
  BasicBlock2dImpl(std::int64_t in, std::int64_t out, std::int64_t stride);
  torch::Tensor forward(torch::Tensor x);
  torch::nn::Conv2d conv1{nullptr}, conv2{nullptr};
  torch::nn::BatchNorm2d bn1{nullptr}, bn2{nullptr};
  torch::nn::Sequential downsample{nullptr};
};
TORCH_MODULE(BasicBlock2d);

/// What the two heads say.
struct PrognosisHeads {
  torch::Tensor grade;     ///< logits of WHO II and III, [N, 2]
  torch::Tensor survival;  ///< [N]
};

/// torchvision's resnet18 up to its average pool, of any width, and two heads. x [N, in, H, W].
struct Resnet2dImpl : torch::nn::Module {
  explicit Resnet2dImpl(const Resnet2dOptions& options);
  /// Deep features, [N, 8·base_width].
  torch::Tensor features(torch::Tensor x);
  PrognosisHeads judge(torch::Tensor features);
  PrognosisHeads forward(torch::Tensor x) { return judge(features(std::move(x))); }
  Resnet2dOptions options;
  std::uint64_t dropout_seed = 0;  ///< set anew for each step, so that a training resumes exactly
  torch::nn::Conv2d conv1{nullptr};
  torch::nn::BatchNorm2d bn1{nullptr};
  std::vector<torch::nn::Sequential> layers;
  torch::nn::Linear grade{nullptr}, survival{nullptr};
  torch::Tensor survival_centre;  ///< added to the survival head: the mean log time of who trained (0 for `cox`), [1]
};
TORCH_MODULE(Resnet2d);

}  // namespace gliocast::nn
