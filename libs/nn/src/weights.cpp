#include "weights.hpp"

#include "resnet_module.hpp"
#include "unet_module.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/nn/training.hpp>

#include <cstring>

namespace gliocast::nn {
namespace {

template <typename F>
void for_each_tensor(const torch::nn::Module& module, F f) {
  for (const auto& item : module.named_parameters()) f(item.key(), item.value());
  for (const auto& item : module.named_buffers())
    if (item.value().is_floating_point()) f(item.key(), item.value());
}

}  // namespace

torch::Tensor to_tensor(const TensorData& data) {
  const auto values = data.as_float();
  auto tensor = torch::empty(data.shape, torch::kFloat);
  if (static_cast<std::size_t>(tensor.numel()) != values.size())
    throw Error(ExitCode::MissingModel, "a weight tensor's shape and data disagree");
  if (!values.empty()) std::memcpy(tensor.data_ptr<float>(), values.data(), values.size() * sizeof(float));
  return tensor;
}

TensorData from_tensor(const torch::Tensor& tensor, DType as) {
  const auto flat = tensor.detach().to(torch::kCPU, torch::kFloat).contiguous();
  return TensorData::from_float(flat.sizes().vec(), {flat.data_ptr<float>(), static_cast<std::size_t>(flat.numel())},
                                as);
}

torch::Tensor view_of(const NetworkInput& input) {
  const auto [z, y, x] = input.size_zyx;
  return torch::from_blob(const_cast<float*>(input.values.data()), {1, input.channels, z, y, x}, torch::kFloat);
}

void save_module(const torch::nn::Module& module, TensorFile& file, const std::string& prefix) {
  for_each_tensor(
      module, [&](const std::string& name, const torch::Tensor& t) { file.tensors[prefix + name] = from_tensor(t); });
}

void load_module(torch::nn::Module& module, const TensorFile& file, const std::string& prefix) {
  torch::NoGradGuard no_grad;
  for_each_tensor(module, [&](const std::string& name, torch::Tensor t) {
    const auto source = to_tensor(file.at(prefix + name));
    if (source.sizes() != t.sizes())
      throw Error(ExitCode::MissingModel, "tensor '" + name + "' has another shape than the network", {},
                  "the weights belong to another network");
    t.copy_(source);
  });
}

TensorFile fresh_weights(torch::nn::Module& module, std::uint64_t seed) {
  initialise(module, seed);
  TensorFile file;
  save_module(module, file);
  return file;
}

TensorFile initial_unet_weights(const UnetOptions& options, std::uint64_t seed) {
  Unet net(options);
  return fresh_weights(*net, seed);
}

TensorFile initial_resnet_weights(const ResnetOptions& options, std::uint64_t seed) {
  Resnet3d net(options);
  return fresh_weights(*net, seed);
}

TensorFile to_half(const TensorFile& weights) {
  TensorFile out;
  out.metadata = weights.metadata;
  for (const auto& [name, t] : weights.tensors)
    out.tensors[name] = t.dtype == DType::F32 ? TensorData::from_float(t.shape, t.as_float(), DType::F16) : t;
  return out;
}

double dice(const std::vector<std::uint8_t>& a, const std::vector<std::uint8_t>& b) {
  if (a.size() != b.size()) throw Error(ExitCode::InternalFault, "Dice of masks of different sizes");
  std::size_t both = 0, sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    both += a[i] && b[i];
    sum += static_cast<std::size_t>(a[i] != 0) + static_cast<std::size_t>(b[i] != 0);
  }
  return sum == 0 ? 1.0 : 2.0 * static_cast<double>(both) / static_cast<double>(sum);
}

}  // namespace gliocast::nn
