#pragma once
#include "blocks.hpp"

#include <gliocast/nn/network_options.hpp>

namespace gliocast::nn {

/// 3-D ResNet18 with SE after the fourth stage. [N, in, D, H, W] → logits [N, classes].
struct Resnet3dImpl : torch::nn::Module {
  explicit Resnet3dImpl(const ResnetOptions& options);
  /// What the last convolution stage sees, [N, 8·base_width, D/32, H/32, W/32] (rounded up).
  torch::Tensor last_stage(torch::Tensor x);
  /// Deep features: its average pool, after SE, [N, 8·base_width].
  torch::Tensor pool(torch::Tensor stage);
  torch::Tensor features(torch::Tensor x) { return pool(last_stage(x)); }
  /// From features to class logits [N, classes].
  torch::Tensor classify(torch::Tensor f);
  torch::Tensor forward(torch::Tensor x) { return classify(features(x)); }
  ResnetOptions options;
  std::uint64_t dropout_seed = 0;  ///< set anew for each step, so that a training resumes exactly
  torch::nn::Conv3d stem{nullptr};
  torch::nn::BatchNorm3d stem_norm{nullptr};
  std::vector<BasicBlock> blocks;
  SqueezeExcitation se{nullptr};
  torch::nn::Linear fc1{nullptr}, fc2{nullptr};
};
TORCH_MODULE(Resnet3d);

}  // namespace gliocast::nn
