#include <gliocast/nn/prognosis_network.hpp>

#include "resnet2d_module.hpp"
#include "weights.hpp"

#include <gliocast/core/error.hpp>

namespace gliocast::nn {

struct PrognosisNetwork::Impl {
  Impl(const Resnet2dOptions& options, Device d) : net(options), device(torch_device(d)) {}
  Resnet2d net;
  torch::Device device;
};

PrognosisNetwork::PrognosisNetwork(const Resnet2dOptions& options, const TensorFile& weights, Device device)
    : impl_(std::make_unique<Impl>(options, device)) {
  load_module(*impl_->net, weights);
  impl_->net->eval();
  impl_->net->to(impl_->device);
}
PrognosisNetwork::~PrognosisNetwork() = default;
PrognosisNetwork::PrognosisNetwork(PrognosisNetwork&&) noexcept = default;
PrognosisNetwork& PrognosisNetwork::operator=(PrognosisNetwork&&) noexcept = default;

PrognosisOutput PrognosisNetwork::predict(const NetworkInput& slice) const {
  torch::NoGradGuard no_grad;
  slice.check(impl_->net->options.in_channels);
  if (slice.size_zyx[0] != 1)
    throw Error(ExitCode::InternalFault,
                "the prognosis network reads one slice, not " + std::to_string(slice.size_zyx[0]));
  const auto f = impl_->net->features(view_of(slice).squeeze(2).to(impl_->device));
  const auto heads = impl_->net->judge(f);
  const auto logits = heads.grade.to(torch::kCPU);
  const auto flat = f.to(torch::kCPU).contiguous();
  PrognosisOutput out;
  out.grade_logit = logits[0][1].item<double>() - logits[0][0].item<double>();
  out.survival = heads.survival.item<double>();
  out.features.assign(flat.data_ptr<float>(), flat.data_ptr<float>() + flat.numel());
  return out;
}

}  // namespace gliocast::nn
