#include "fast_unet.hpp"

#include "blocked_level.hpp"
#include "pointwise.hpp"

#include <ATen/Parallel.h>

#include <cmath>

namespace gliocast::nn {
namespace {

std::vector<float> to_vector(const torch::Tensor& t) {
  const auto flat = t.detach().to(torch::kCPU, torch::kFloat).contiguous();
  return {flat.data_ptr<float>(), flat.data_ptr<float>() + flat.numel()};
}

/// Scale and shift of a batch normalisation in evaluation mode.
std::pair<torch::Tensor, torch::Tensor> fold_norm(const torch::nn::BatchNorm3d& norm) {
  const auto scale = norm->weight / torch::sqrt(norm->running_var + norm->options.eps());
  return {scale, norm->bias - norm->running_mean * scale};
}

/// [out][in] weights with each input channel's SE factor folded in.
std::vector<float> scale_inputs(const std::vector<float>& weight, int64_t in, const std::vector<float>& factor) {
  std::vector<float> out = weight;
  for (std::size_t k = 0; k < out.size(); ++k) out[k] *= factor[k % static_cast<std::size_t>(in)];
  return out;
}

/// [rows][columns] to [columns][rows].
std::vector<float> transposed(const std::vector<float>& m, int64_t rows, int64_t columns) {
  std::vector<float> out(m.size());
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t c = 0; c < columns; ++c)
      out[static_cast<std::size_t>(c * rows + r)] = m[static_cast<std::size_t>(r * columns + c)];
  return out;
}

void pointwise_all(const torch::Tensor& x, const std::vector<float>& weight, const std::vector<float>& bias,
                   torch::Tensor& y, bool relu) {
  const int64_t in = x.size(1), out = y.size(1), voxels = x.numel() / in;
  constexpr int64_t kGrain = 8192;  // positions of one piece of work: a multiple of the kernel's tile
  const float* source = x.data_ptr<float>();
  float* target = y.data_ptr<float>();
  at::parallel_for(0, (voxels + kGrain - 1) / kGrain, 1, [&](int64_t begin, int64_t end) {
    for (int64_t b = begin; b < end; ++b)
      pointwise(source, weight.data(), bias.data(), target, in, out, voxels, b * kGrain,
                std::min(voxels, (b + 1) * kGrain), relu);
  });
}

torch::Tensor pool(const torch::Tensor& x) {
  auto y = torch::empty({1, x.size(1), x.size(2) / 2, x.size(3) / 2, x.size(4) / 2});
  const int64_t n = x.numel() / x.size(1), m = y.numel() / y.size(1);
  at::parallel_for(0, x.size(1), 1, [&](int64_t begin, int64_t end) {
    for (int64_t c = begin; c < end; ++c)
      max_pool2(x.data_ptr<float>() + c * n, y.data_ptr<float>() + c * m, x.size(2), x.size(3), x.size(4));
  });
  return y;
}

}  // namespace

FastUnet::FastUnet(const Unet& net, bool allow_blocked) : classes_(net->options.classes) {
  torch::NoGradGuard no_grad;
  const auto make = [&](const Recombination& r) {
    Block b;
    b.out = r->conv->weight.size(0);
    b.conv_weight = r->conv->weight.detach().contiguous();
    b.conv_bias = r->conv->bias.detach().contiguous();
    b.se1_weight = r->se->fc1->weight.detach();
    b.se1_bias = r->se->fc1->bias.detach();
    b.se2_weight = r->se->fc2->weight.detach();
    b.se2_bias = r->se->fc2->bias.detach();
    return b;
  };
  for (const auto& r : net->encoder) {
    Block b = make(r);
    const auto [scale, shift] = fold_norm(r->norm);
    b.in = r->expand->weight.size(1);
    b.expand = to_vector(r->expand->weight.view({b.out, b.in}) * scale.view({-1, 1}));
    b.expand_bias = to_vector(r->expand->bias * scale + shift);
    encoder_.push_back(std::move(b));
  }
  for (std::size_t l = 0; l < net->decoder.size(); ++l) {
    const auto& r = net->decoder[l];
    const auto& up = net->up[l];
    Block b = make(r);
    const auto [scale, shift] = fold_norm(r->norm);
    b.in = b.out;
    b.low = up->weight.size(0);
    const auto expand = r->expand->weight.view({b.out, 2 * b.out}) * scale.view({-1, 1});
    const auto on_up = expand.narrow(1, 0, b.out), on_skip = expand.narrow(1, b.out, b.out);
    b.expand = to_vector(on_skip.contiguous());
    b.expand_bias = to_vector(r->expand->bias * scale + shift + on_up.matmul(up->bias));
    // [8][out][low]: position k of the 2×2×2 block takes expand_up · W_k^T
    const auto kernels = up->weight.view({b.low, b.out, 8}).permute({2, 1, 0});  // [8, out_up, low]
    b.up = to_vector(torch::matmul(on_up, kernels).contiguous());
    decoder_.push_back(std::move(b));
  }
  head_ = to_vector(net->head->weight.view({classes_, -1}));
  head_bias_ = to_vector(net->head->bias);
  blocked_ = allow_blocked && net->decoder.size() > 0 &&
             blocked_level_available(net->options.widths[0], net->options.widths[1]);
  if (!blocked_) return;
  const auto innermost = [](const torch::Tensor& w) {
    return to_vector(w.permute({2, 3, 4, 1, 0}).contiguous());
  };  // [3, 3, 3, in, out]
  blocked_weights_.encoder_conv = innermost(encoder_[0].conv_weight);
  blocked_weights_.encoder_bias = to_vector(encoder_[0].conv_bias);
  blocked_weights_.decoder_conv = innermost(decoder_[0].conv_weight);
  blocked_weights_.decoder_bias = to_vector(decoder_[0].conv_bias);
  blocked_weights_.encoder_expand = transposed(encoder_[0].expand, encoder_[0].out, encoder_[0].in);
}

std::vector<float> FastUnet::gate(const Block& b, const torch::Tensor& means) const {
  const auto hidden = torch::relu(torch::linear(means, b.se1_weight, b.se1_bias));
  return to_vector(torch::sigmoid(torch::linear(hidden, b.se2_weight, b.se2_bias)));
}

FastUnet::Scaled FastUnet::finish(const Block& b, const torch::Tensor& expanded) const {
  Scaled result;
  result.value = conv3d(expanded, b.conv_weight, b.conv_bias, 1, 1).contiguous();
  const int64_t channels = b.out, n = result.value.numel() / channels;
  auto means = torch::empty({1, channels});
  at::parallel_for(0, channels, 1, [&](int64_t begin, int64_t end) {
    for (int64_t c = begin; c < end; ++c)
      means.data_ptr<float>()[c] = static_cast<float>(mean_of(result.value.data_ptr<float>() + c * n, n));
  });
  result.factor = gate(b, means);
  return result;
}

/// Levels 1 and deeper; `current` is the pooled output of level 0 with its factors. Leaves the skips of levels 1 … and
/// returns the bottleneck.
FastUnet::Scaled FastUnet::encode_deep(Scaled current, std::vector<Scaled>& skips) const {
  for (std::size_t l = 1; l < encoder_.size(); ++l) {
    const Block& b = encoder_[l];
    if (l > 1) current.value = pool(current.value);
    auto expanded = torch::empty({1, b.out, current.value.size(2), current.value.size(3), current.value.size(4)});
    pointwise_all(current.value, scale_inputs(b.expand, b.in, current.factor), b.expand_bias, expanded, true);
    current = finish(b, expanded);
    if (l + 1 < encoder_.size()) skips.push_back(current);
  }
  return current;
}

FastUnet::Scaled FastUnet::decode(const Block& b, const Scaled& current, const Scaled& skip) const {
  const int64_t d = current.value.size(2), h = current.value.size(3), w = current.value.size(4);
  auto low = torch::empty({1, 8 * b.out, d, h, w});
  pointwise_all(current.value, scale_inputs(b.up, b.low, current.factor),
                std::vector<float>(static_cast<std::size_t>(8 * b.out), 0.0F), low, false);
  auto expanded = torch::empty_like(skip.value);
  const auto weight = scale_inputs(b.expand, b.in, skip.factor);
  const int64_t stride = 8 * d * h * w, low_stride = d * h * w;
  const float* skip_data = skip.value.data_ptr<float>();
  const float* low_data = low.data_ptr<float>();
  float* out_data = expanded.data_ptr<float>();
  at::parallel_for(0, 2 * d, 1, [&](int64_t begin, int64_t end) {
    for (int64_t z = begin; z < end; ++z)
      for (int64_t y = 0; y < 2 * h; ++y) {
        const int64_t row = (z * 2 * h + y) * 2 * w, low_row = ((z / 2) * h + y / 2) * w;
        const int64_t k = 4 * (z & 1) + 2 * (y & 1);  // position in the 2×2×2 block; + 1 for odd x
        pointwise_add_row(
            skip_data + row, weight.data(), b.expand_bias.data(), low_data + k * b.out * low_stride + low_row,
            low_data + (k + 1) * b.out * low_stride + low_row, out_data + row, b.in, b.out, 2 * w, stride, low_stride);
      }
  });
  return finish(b, expanded);
}

torch::Tensor FastUnet::forward_plain(const torch::Tensor& input) const {
  const Block& first = encoder_[0];
  auto expanded = torch::empty({1, first.out, input.size(2), input.size(3), input.size(4)});
  pointwise_all(input, first.expand, first.expand_bias, expanded, true);
  std::vector<Scaled> skips{finish(first, expanded)};
  Scaled current = encode_deep({pool(skips[0].value), skips[0].factor}, skips);
  for (std::size_t l = decoder_.size(); l-- > 0;) {
    current = decode(decoder_[l], current, skips[l]);
    skips.pop_back();
  }
  auto logits = torch::empty({1, classes_, current.value.size(2), current.value.size(3), current.value.size(4)});
  pointwise_all(current.value, scale_inputs(head_, current.value.size(1), current.factor), head_bias_, logits, false);
  return logits;
}

template <int L>
torch::Tensor FastUnet::forward_blocked(const torch::Tensor& input) const {
  const LevelSize s{input.size(2), input.size(3), input.size(4)};
  const auto voxels = static_cast<double>(s.d * s.h * s.w);
  auto padded = torch::zeros({s.d + 2, s.h + 2, s.w + 2, L});  // both blocks' expanded tensors, one after the other
  auto row_sums = torch::empty({s.d * s.h, L});
  const auto planes = [](int64_t n, auto body) { at::parallel_for(0, n, 1, body); };
  const auto convolve = [&](const std::vector<float>& weight, const std::vector<float>& bias, const Block& b) {
    Scaled out;
    out.value = torch::empty({s.d, s.h, s.w, L});
    planes(s.d, [&](int64_t begin, int64_t end) {
      blocked_conv<L>(padded.data_ptr<float>(), weight.data(), bias.data(), out.value.data_ptr<float>(),
                      row_sums.data_ptr<float>(), s, begin, end);
    });
    const auto means = (row_sums.to(torch::kDouble).sum(0) / voxels).to(torch::kFloat).view({1, L});
    out.factor = gate(b, means);
    return out;
  };
  planes(s.d, [&](int64_t begin, int64_t end) {
    blocked_expand<L>(input.data_ptr<float>(), input.size(1), blocked_weights_.encoder_expand.data(),
                      encoder_[0].expand_bias.data(), padded.data_ptr<float>(), s, begin, end);
  });
  const Scaled skip = convolve(blocked_weights_.encoder_conv, blocked_weights_.encoder_bias, encoder_[0]);
  Scaled pooled{torch::empty({1, L, s.d / 2, s.h / 2, s.w / 2}), skip.factor};
  planes(s.d / 2, [&](int64_t begin, int64_t end) {
    blocked_pool<L>(skip.value.data_ptr<float>(), pooled.value.data_ptr<float>(), s, begin, end);
  });
  std::vector<Scaled> skips{{}};
  Scaled current = encode_deep(pooled, skips);
  for (std::size_t l = decoder_.size(); l-- > 1;) {
    current = decode(decoder_[l], current, skips[l]);
    skips.pop_back();
  }
  const Block& b = decoder_[0];
  // [8][L][low] with factors → [low][8][L]
  const auto up = transposed(scale_inputs(b.up, b.low, current.factor), 8 * L, b.low);
  const auto weight = transposed(scale_inputs(b.expand, b.in, skip.factor), L, L);
  planes(s.d / 2, [&](int64_t begin, int64_t end) {
    blocked_decode<L>(current.value.data_ptr<float>(), b.low, up.data(), skip.value.data_ptr<float>(), weight.data(),
                      b.expand_bias.data(), padded.data_ptr<float>(), s, begin, end);
  });
  const Scaled last = convolve(blocked_weights_.decoder_conv, blocked_weights_.decoder_bias, b);
  auto logits = torch::empty({1, classes_, s.d, s.h, s.w});
  const auto head = scale_inputs(head_, L, last.factor);
  planes(s.d, [&](int64_t begin, int64_t end) {
    blocked_head<L>(last.value.data_ptr<float>(), classes_, head.data(), head_bias_.data(), logits.data_ptr<float>(), s,
                    begin, end);
  });
  return logits;
}

torch::Tensor FastUnet::forward(const torch::Tensor& input) const {
  torch::NoGradGuard no_grad;
  const auto x = input.contiguous();
  if (!blocked_) return forward_plain(x);
  return encoder_[0].out == 16 ? forward_blocked<16>(x) : forward_blocked<8>(x);
}

}  // namespace gliocast::nn
