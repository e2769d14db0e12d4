#include "optimizer.hpp"

#include "weights.hpp"

#include <cmath>

namespace gliocast::nn {
namespace {
constexpr double kBeta1 = 0.9, kBeta2 = 0.999, kEpsilon = 1e-8;
}

Adam::Adam(torch::nn::Module& module) {
  for (auto& item : module.named_parameters())
    slots_.push_back({item.key(), item.value(), torch::zeros_like(item.value()), torch::zeros_like(item.value())});
}

void Adam::zero_grad() {
  for (auto& slot : slots_)
    if (slot.parameter.grad().defined()) slot.parameter.mutable_grad().zero_();
}

void Adam::step(double learning_rate, double weight_decay) {
  torch::NoGradGuard no_grad;
  ++steps_;
  const double correction1 = 1 - std::pow(kBeta1, static_cast<double>(steps_)),
               correction2 = 1 - std::pow(kBeta2, static_cast<double>(steps_));
  for (auto& slot : slots_) {
    const auto& g = slot.parameter.grad();
    if (!g.defined()) continue;
    if (weight_decay > 0 && slot.parameter.dim() > 1) slot.parameter.mul_(1 - learning_rate * weight_decay);
    slot.mean.mul_(kBeta1).add_(g, 1 - kBeta1);
    slot.square.mul_(kBeta2).addcmul_(g, g, 1 - kBeta2);
    slot.parameter.addcdiv_(slot.mean, (slot.square.sqrt() / std::sqrt(correction2)).add_(kEpsilon),
                            -learning_rate / correction1);
  }
}

void Adam::save(TensorFile& file) const {
  for (const auto& slot : slots_) {
    file.tensors["adam.mean." + slot.name] = from_tensor(slot.mean);
    file.tensors["adam.square." + slot.name] = from_tensor(slot.square);
  }
  file.metadata["adam_steps"] = std::to_string(steps_);
}

void Adam::load(const TensorFile& file) {
  torch::NoGradGuard no_grad;
  for (auto& slot : slots_) {
    slot.mean.copy_(to_tensor(file.at("adam.mean." + slot.name)));
    slot.square.copy_(to_tensor(file.at("adam.square." + slot.name)));
  }
  steps_ = std::stoll(file.metadata.at("adam_steps"));
}

}  // namespace gliocast::nn
