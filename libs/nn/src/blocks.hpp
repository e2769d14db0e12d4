#pragma once
// Building blocks as libtorch modules. Parameter names are the tensor names of the weight files.
#include "torch_compat.hpp"

namespace gliocast::nn {

/// Squeeze-and-excitation (Hu 2018): x · sigmoid(W2 relu(W1 mean(x))). x [N, C, D, H, W].
struct SqueezeExcitationImpl : torch::nn::Module {
  SqueezeExcitationImpl(int64_t channels, int64_t reduction);
  /// The factor of each channel, [N, C].
  torch::Tensor gate(const torch::Tensor& x);
  torch::Tensor forward(const torch::Tensor& x);
  torch::nn::Linear fc1{nullptr}, fc2{nullptr};
};
TORCH_MODULE(SqueezeExcitation);

/// Recombination block: 1×1×1 convolution, batch normalisation, ReLU, 3×3×3 convolution, SE. [N, in, …] → [N, out, …].
struct RecombinationImpl : torch::nn::Module {
  RecombinationImpl(int64_t in, int64_t out, int64_t se_reduction);
  torch::Tensor forward(const torch::Tensor& x);
  torch::nn::Conv3d expand{nullptr}, conv{nullptr};
  torch::nn::BatchNorm3d norm{nullptr};
  SqueezeExcitation se{nullptr};
};
TORCH_MODULE(Recombination);

/// Transposed convolution 2×2×2, stride 2, computed as a 1×1×1 convolution to 8·out channels and a depth-to-space copy:
/// the same numbers, many times faster than libtorch's own on CPU. weight [in, out, 2, 2, 2].
struct UpsampleImpl : torch::nn::Module {
  UpsampleImpl(int64_t in, int64_t out);
  torch::Tensor forward(const torch::Tensor& x);
  torch::Tensor weight, bias;
};
TORCH_MODULE(Upsample);

/// Basic residual block of ResNet18 in 3-D: two 3×3×3 convolutions, the first with `stride`; a 1×1×1 projection where
/// shapes change.
struct BasicBlockImpl : torch::nn::Module {
  BasicBlockImpl(int64_t in, int64_t out, int64_t stride);
  torch::Tensor forward(const torch::Tensor& x);
  torch::nn::Conv3d conv1{nullptr}, conv2{nullptr}, projection{nullptr};
  torch::nn::BatchNorm3d norm1{nullptr}, norm2{nullptr}, projection_norm{nullptr};
};
TORCH_MODULE(BasicBlock);

/// Runs a registered convolution through conv3d of torch_compat.hpp.
torch::Tensor run_conv(const torch::nn::Conv3d& conv, const torch::Tensor& x);

/// [rows, features]: 0 with probability `rate`, else what makes up for it. Not from libtorch's generator, which all
/// trainings of a process share.
torch::Tensor dropout_mask(std::int64_t rows, std::int64_t features, double rate, std::uint64_t seed);

/// He (fan-out) initialisation of all convolutions, drawn from our own seeded generator so that it is the same on every
/// libtorch.
void initialise(torch::nn::Module& module, std::uint64_t seed);

}  // namespace gliocast::nn
