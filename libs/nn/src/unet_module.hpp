#pragma once
#include "blocks.hpp"

#include <gliocast/nn/network_options.hpp>

namespace gliocast::nn {

/// The 3-D U-Net of recombination blocks. [N, in, D, H, W] → class logits [N, classes, D, H, W]; D, H, W multiples of
/// options.size_multiple().
struct UnetImpl : torch::nn::Module {
  explicit UnetImpl(const UnetOptions& options);
  torch::Tensor forward(torch::Tensor x);
  UnetOptions options;
  std::vector<Recombination> encoder, decoder;
  std::vector<Upsample> up;
  torch::nn::Conv3d head{nullptr};
};
TORCH_MODULE(Unet);

}  // namespace gliocast::nn
