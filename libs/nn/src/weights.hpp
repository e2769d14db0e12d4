#pragma once
#include <gliocast/nn/network_input.hpp>
#include <gliocast/nn/safetensors.hpp>

#include <torch/torch.h>

namespace gliocast::nn {

/// A tensor of floats, on the CPU.
torch::Tensor to_tensor(const TensorData& data);
/// A tensor of any device and type as floats of the given type.
TensorData from_tensor(const torch::Tensor& tensor, DType as = DType::F32);

/// A network's input as a batch of one, [1, channels, z, y, x]: no copy, the input must outlive it.
torch::Tensor view_of(const NetworkInput& input);

/// Parameters and buffers of a module under their dotted names, each behind `prefix`. Counters (int64) are left out.
void save_module(const torch::nn::Module& module, TensorFile& file, const std::string& prefix = "");
/// Copies tensors into the module; Error{MissingModel} names what is absent or has another shape.
void load_module(torch::nn::Module& module, const TensorFile& file, const std::string& prefix = "");
/// The module's weights after initialise().
TensorFile fresh_weights(torch::nn::Module& module, std::uint64_t seed);

}  // namespace gliocast::nn
