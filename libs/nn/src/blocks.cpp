#include "blocks.hpp"

#include <gliocast/core/random.hpp>

#include <algorithm>
#include <cmath>

namespace gliocast::nn {
namespace {

torch::nn::Conv3d make_conv(int64_t in, int64_t out, int64_t kernel, int64_t stride, bool bias) {
  return torch::nn::Conv3d(torch::nn::Conv3dOptions(in, out, kernel).stride(stride).padding(kernel / 2).bias(bias));
}

}  // namespace

torch::Tensor run_conv(const torch::nn::Conv3d& conv, const torch::Tensor& x) {
  const int64_t stride = conv->options.stride()->at(0);
  const int64_t kernel = conv->options.kernel_size()->at(0);
  return conv3d(x, conv->weight, conv->bias, stride, kernel / 2);
}

SqueezeExcitationImpl::SqueezeExcitationImpl(int64_t channels, int64_t reduction) {
  const int64_t hidden = std::max<int64_t>(2, channels / reduction);
  fc1 = register_module("fc1", torch::nn::Linear(channels, hidden));
  fc2 = register_module("fc2", torch::nn::Linear(hidden, channels));
}

torch::Tensor SqueezeExcitationImpl::gate(const torch::Tensor& x) {
  return torch::sigmoid(fc2(torch::relu(fc1(x.mean({2, 3, 4})))));  // [N, C]
}

torch::Tensor SqueezeExcitationImpl::forward(const torch::Tensor& x) {
  const auto g = gate(x);
  return x * g.view({g.size(0), g.size(1), 1, 1, 1});
}

RecombinationImpl::RecombinationImpl(int64_t in, int64_t out, int64_t se_reduction) {
  expand = register_module("expand", make_conv(in, out, 1, 1, true));
  norm = register_module("norm", torch::nn::BatchNorm3d(out));
  conv = register_module("conv", make_conv(out, out, 3, 1, true));
  se = register_module("se", SqueezeExcitation(out, se_reduction));
}

torch::Tensor RecombinationImpl::forward(const torch::Tensor& x) {
  return se(run_conv(conv, torch::relu(norm(run_conv(expand, x)))));
}

UpsampleImpl::UpsampleImpl(int64_t in, int64_t out) {
  weight = register_parameter("weight", torch::empty({in, out, 2, 2, 2}));
  bias = register_parameter("bias", torch::zeros({out}));
}

torch::Tensor UpsampleImpl::forward(const torch::Tensor& x) {
  const int64_t in = weight.size(0), out = weight.size(1);
  const auto kernel = weight.permute({1, 2, 3, 4, 0}).reshape({8 * out, in, 1, 1, 1});
  const auto y = conv3d(x, kernel, bias.repeat_interleave(8), 1, 0);  // [N, 8·out, D, H, W]
  const int64_t n = y.size(0), d = y.size(2), h = y.size(3), w = y.size(4);
  return y.view({n, out, 2, 2, 2, d, h, w}).permute({0, 1, 5, 2, 6, 3, 7, 4}).reshape({n, out, 2 * d, 2 * h, 2 * w});
}

BasicBlockImpl::BasicBlockImpl(int64_t in, int64_t out, int64_t stride) {
  conv1 = register_module("conv1", make_conv(in, out, 3, stride, false));
  norm1 = register_module("norm1", torch::nn::BatchNorm3d(out));
  conv2 = register_module("conv2", make_conv(out, out, 3, 1, false));
  norm2 = register_module("norm2", torch::nn::BatchNorm3d(out));
  if (in != out || stride != 1) {
    projection = register_module("projection", make_conv(in, out, 1, stride, false));
    projection_norm = register_module("projection_norm", torch::nn::BatchNorm3d(out));
  }
}

torch::Tensor BasicBlockImpl::forward(const torch::Tensor& x) {
  const auto y = norm2(run_conv(conv2, torch::relu(norm1(run_conv(conv1, x)))));
  const auto shortcut = projection ? projection_norm(run_conv(projection, x)) : x;
  return torch::relu(y + shortcut);
}

torch::Tensor dropout_mask(std::int64_t rows, std::int64_t features, double rate, std::uint64_t seed) {
  auto mask = torch::empty({rows, features});
  Random random(seed, "dropout");
  const auto kept = static_cast<float>(1 / (1 - rate));
  float* values = mask.data_ptr<float>();
  for (std::int64_t i = 0; i < mask.numel(); ++i) values[i] = random.uniform(0, 1) < rate ? 0.0F : kept;
  return mask;
}

void initialise(torch::nn::Module& module, std::uint64_t seed) {
  torch::NoGradGuard no_grad;
  for (auto& item : module.named_parameters()) {
    auto& p = item.value();
    const std::string& name = item.key();
    Random random(seed, name);
    if (p.dim() >= 2) {
      // He: variance 2 / fan; fan-in for linear layers and the transposed convolution, fan-out for convolutions.
      const bool up = name.rfind("up_", 0) == 0;
      const double receptive = p.dim() > 2 && !up ? static_cast<double>(p.numel() / (p.size(0) * p.size(1))) : 1.0;
      const double fan = p.dim() == 2
                             ? static_cast<double>(p.size(1))
                             : (up ? static_cast<double>(p.size(0)) : static_cast<double>(p.size(0)) * receptive);
      const double sd = std::sqrt(2.0 / fan);
      auto values = torch::empty(p.sizes(), torch::kFloat);
      float* data = values.data_ptr<float>();
      for (int64_t i = 0; i < values.numel(); ++i) data[i] = static_cast<float>(random.normal(0, sd));
      p.copy_(values);
    } else if (name.ends_with("weight")) {  // of a normalisation: all other weights have two dimensions or more
      p.fill_(1);
    } else {
      p.zero_();
    }
  }
}

}  // namespace gliocast::nn
