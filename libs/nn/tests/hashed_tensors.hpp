#pragma once
// Weights and inputs that the generators of tests/reference/nn compute too, and what they found.
#include "test_paths.hpp"
#include "weights.hpp"

#include <gliocast/nn/safetensors.hpp>

#include <gtest/gtest.h>
#include <torch/torch.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

namespace gliocast::nn {

/// The generator's formula: murmur3's finaliser over the index, seeded by FNV-1a of the name; values in [−1, 1).
inline std::vector<float> hashed(const std::string& name, std::size_t count) {
  std::uint32_t seed = 2166136261U;
  for (const char c : name) seed = (seed ^ static_cast<unsigned char>(c)) * 16777619U;
  std::vector<float> out(count);
  for (std::size_t i = 0; i < count; ++i) {
    auto h = static_cast<std::uint32_t>(i * 2654435761ULL + seed);
    h ^= h >> 16;
    h *= 0x85EBCA6BU;
    h ^= h >> 13;
    h *= 0xC2B2AE35U;
    h ^= h >> 16;
    out[i] = static_cast<float>(static_cast<double>(h) / 2147483648.0 - 1.0);
  }
  return out;
}

inline torch::Tensor hashed_tensor(const std::string& name, const std::vector<int64_t>& shape) {
  auto t = torch::empty(shape);
  const auto v = hashed(name, static_cast<std::size_t>(t.numel()));
  std::copy(v.begin(), v.end(), t.data_ptr<float>());
  return t;
}

inline void fill(torch::nn::Module& module) {
  torch::NoGradGuard no_grad;
  const auto set = [](const std::string& name, torch::Tensor t) {
    if (!t.is_floating_point()) return;
    auto v = hashed_tensor(name, t.sizes().vec());
    if (name.ends_with("running_var"))
      v = 1 + 0.5 * v.abs();
    else if (t.dim() == 1 && name.ends_with("weight"))  // of a normalisation
      v = 1 + 0.2 * v;
    else if (name.ends_with("fc1.bias"))
      v = 0.5 + 0.1 * v;
    else if (t.dim() == 1)
      v = 0.1 * v;
    else {
      const auto fan_in = static_cast<double>(name.starts_with("up_") ? t.size(0) : t.numel() / t.size(0));
      v = v * static_cast<float>(1.7 / std::sqrt(fan_in));
    }
    t.copy_(v);
  };
  for (auto& item : module.named_parameters()) set(item.key(), item.value());
  for (auto& item : module.named_buffers()) set(item.key(), item.value());
}

/// A file of tests/reference/nn.
class Fixtures {
 public:
  explicit Fixtures(const std::string& name)
      : file_(read_safetensors(std::string(GLIOCAST_SOURCE_DIR) + "/tests/reference/nn/" + name + ".safetensors")) {}
  [[nodiscard]] const TensorData& at(const std::string& name) const { return file_.at(name); }

  /// Largest difference, relative to the reference tensor's largest magnitude.
  [[nodiscard]] double difference(const torch::Tensor& ours, const std::string& name) const {
    const auto reference = to_tensor(file_.at(name));
    EXPECT_EQ(ours.sizes(), reference.sizes()) << name;
    return (ours - reference).abs().max().item<double>() / std::max(reference.abs().max().item<double>(), 1e-12);
  }

  [[nodiscard]] double compare_gradients(const torch::nn::Module& module, const std::string& prefix) const {
    // A bias that a batch normalisation follows has a true gradient of 0 and holds rounding errors only: a bias is
    // judged by the larger of its own and its weight's gradient.
    double worst = 0;
    for (const auto& item : module.named_parameters()) {
      const auto reference = to_tensor(file_.at(prefix + item.key()));
      double scale = reference.abs().max().item<double>();
      if (item.key().ends_with(".bias"))
        scale = std::max(scale, to_tensor(file_.at(prefix + item.key().substr(0, item.key().size() - 4) + "weight"))
                                    .abs()
                                    .max()
                                    .item<double>());
      const double d = (item.value().grad() - reference).abs().max().item<double>() / scale;
      EXPECT_LT(d, 1e-4) << item.key();
      worst = std::max(worst, d);
    }
    return worst;
  }

 private:
  TensorFile file_;
};

}  // namespace gliocast::nn
