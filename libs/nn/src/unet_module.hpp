#pragma once
#include "blocks.hpp"

#include <gliocast/nn/network_options.hpp>

namespace gliocast::nn {

/// What the names of auxiliary heads' tensors begin with.
inline constexpr const char* kAuxiliary = "auxiliary_";

/// The 3-D U-Net of recombination blocks. [N, in, D, H, W] → class logits [N, classes, D, H, W]; D, H, W multiples of
/// options.size_multiple().
struct UnetImpl : torch::nn::Module {
  /// `auxiliary_levels`: so many levels below the first, or as many as there are, get a head of their own, for training
  /// only (deep supervision: Lee 2015, Isensee 2021).
  explicit UnetImpl(const UnetOptions& options, std::int64_t auxiliary_levels = 0);
  torch::Tensor forward(torch::Tensor x);
  /// The logits, and those of each auxiliary head at half, a quarter … of the resolution.
  std::vector<torch::Tensor> forward_levels(torch::Tensor x);
  UnetOptions options;
  std::vector<Recombination> encoder, decoder;
  std::vector<Upsample> up;
  torch::nn::Conv3d head{nullptr};
  std::vector<torch::nn::Conv3d> auxiliary;

 private:
  torch::Tensor decode(torch::Tensor x, std::vector<torch::Tensor>* levels);
};
TORCH_MODULE(Unet);

}  // namespace gliocast::nn
