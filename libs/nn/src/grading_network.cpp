#include <gliocast/nn/grading_network.hpp>

#include "grading_network_impl.hpp"
#include "weights.hpp"

namespace gliocast::nn {

GradingNetwork::GradingNetwork(const ResnetOptions& options, const TensorFile& weights, Device device)
    : impl_(std::make_unique<Impl>(options, device)) {
  load_module(*impl_->net, weights);
  impl_->net->eval();
  impl_->net->to(impl_->device);
}
GradingNetwork::~GradingNetwork() = default;
GradingNetwork::GradingNetwork(GradingNetwork&&) noexcept = default;
GradingNetwork& GradingNetwork::operator=(GradingNetwork&&) noexcept = default;

GradingOutput GradingNetwork::predict(const NetworkInput& patch) const {
  torch::NoGradGuard no_grad;
  patch.check(impl_->net->options.in_channels);
  const auto x = view_of(patch).to(impl_->device);
  const auto f = impl_->net->features(x);
  const auto logits = impl_->net->classify(f).to(torch::kCPU);
  const auto flat = f.to(torch::kCPU).contiguous();
  GradingOutput out;
  out.logit = logits[0][1].item<double>() - logits[0][0].item<double>();
  out.features.assign(flat.data_ptr<float>(), flat.data_ptr<float>() + flat.numel());
  return out;
}

}  // namespace gliocast::nn
