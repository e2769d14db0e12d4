#include "unet_start.hpp"

#include "weights.hpp"

#include <gliocast/nn/training_case.hpp>

#include <vector>

namespace gliocast::nn {
namespace {

constexpr const char* kFirst = "encoder_0.expand.weight";

/// The first convolution with channels behind its own that begin at 0.
torch::Tensor with_channels(const torch::Tensor& weight, int64_t channels) {
  auto out = torch::zeros({weight.size(0), channels, 1, 1, 1});
  out.narrow(1, 0, weight.size(1)).copy_(weight);
  return out;
}

/// Each region's weights as tumour's against background's.
torch::Tensor as_regions(const torch::Tensor& softmax) {
  const auto odds = softmax.select(0, 1) - softmax.select(0, 0);
  return torch::stack(std::vector<torch::Tensor>(static_cast<std::size_t>(kRegions), odds));
}

}  // namespace

TensorFile starting_weights(const TensorFile& earlier, const Unet& fresh) {
  TensorFile out = earlier;
  if (const auto first = out.tensors.find(kFirst); first != out.tensors.end() && first->second.shape.size() == 5 &&
                                                   first->second.shape[1] < fresh->options.in_channels)
    first->second = from_tensor(with_channels(to_tensor(first->second), fresh->options.in_channels));
  if (fresh->options.head == Head::Regions)
    for (const char* name : {"head.weight", "head.bias"})
      if (const auto head = out.tensors.find(name);
          head != out.tensors.end() && !head->second.shape.empty() && head->second.shape[0] == 2)
        head->second = from_tensor(as_regions(to_tensor(head->second)));
  TensorFile own;
  save_module(*fresh, own);
  for (const auto& [name, tensor] : own.tensors)
    if (name.starts_with(kAuxiliary)) out.tensors.try_emplace(name, tensor);
  return out;
}

}  // namespace gliocast::nn
