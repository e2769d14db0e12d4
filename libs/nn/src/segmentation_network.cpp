#include <gliocast/nn/segmentation_network.hpp>

#include "fast_unet.hpp"
#include "weights.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/interrupt.hpp>

#include <algorithm>
#include <optional>

namespace gliocast::nn {

struct SegmentationNetwork::Impl {
  explicit Impl(const UnetOptions& options, Device d)
      : net(options), device(d == Device::Cuda ? torch::kCUDA : torch::kCPU) {}
  Unet net;
  torch::Device device;
  std::optional<FastUnet> fast;

  torch::Tensor logits(const torch::Tensor& x) {
    torch::NoGradGuard no_grad;
    return fast ? fast->forward(x) : net->forward(x.to(device)).to(torch::kCPU);
  }
  /// Probability of tumour (all classes but the background), averaged with the mirrored input where asked.
  torch::Tensor probability(const torch::Tensor& x, bool mirror) {
    auto p = 1 - torch::softmax(logits(x), 1).select(1, 0);
    if (mirror) p = 0.5 * (p + torch::flip(1 - torch::softmax(logits(torch::flip(x, {4})), 1).select(1, 0), {3}));
    return p;  // [1, D, H, W]
  }
};

SegmentationNetwork::SegmentationNetwork(const UnetOptions& options, const TensorFile& weights, Device device)
    : impl_(std::make_unique<Impl>(options, device)) {
  load_module(*impl_->net, weights);
  impl_->net->eval();
  impl_->net->to(impl_->device);
  if (device == Device::Cpu) impl_->fast.emplace(impl_->net);
}
SegmentationNetwork::~SegmentationNetwork() = default;
SegmentationNetwork::SegmentationNetwork(SegmentationNetwork&&) noexcept = default;
SegmentationNetwork& SegmentationNetwork::operator=(SegmentationNetwork&&) noexcept = default;

const UnetOptions& SegmentationNetwork::options() const noexcept { return impl_->net->options; }

std::int64_t SegmentationNetwork::parameter_count() const {
  std::int64_t n = 0;
  for (const auto& p : impl_->net->parameters()) n += p.numel();
  return n;
}

std::vector<float> SegmentationNetwork::logits(const std::vector<float>& image,
                                               const std::array<std::int64_t, 3>& size) const {
  const auto x = torch::from_blob(const_cast<float*>(image.data()),
                                  {1, options().in_channels, size[0], size[1], size[2]}, torch::kFloat);
  const auto y = impl_->logits(x).contiguous();
  return {y.data_ptr<float>(), y.data_ptr<float>() + y.numel()};
}

std::vector<float> SegmentationNetwork::predict(const std::vector<float>& image,
                                                const std::array<std::int64_t, 3>& size, const Options& o) const {
  const std::int64_t channels = options().in_channels, multiple = options().size_multiple();
  const auto voxels = static_cast<std::size_t>(size[0] * size[1] * size[2]);
  if (image.size() != voxels * static_cast<std::size_t>(channels))
    throw Error(ExitCode::InternalFault, "image and size disagree");
  SlidingWindowOptions window = o.window;
  for (std::size_t a = 0; a < 3; ++a) {  // no larger than the volume, always a multiple of what the network halves
    const std::int64_t needed = (size[a] + multiple - 1) / multiple * multiple;
    window.window_zyx[a] = std::max(multiple, std::min(window.window_zyx[a] / multiple * multiple, needed));
  }
  const auto starts = window_starts(size, window);
  const auto weights = starts.size() > 1 ? gaussian_weights(window.window_zyx) : std::vector<float>();
  std::vector<float> sum(voxels, 0.0F), norm(starts.size() > 1 ? voxels : 0, 0.0F);
  const auto [wz, wy, wx] = window.window_zyx;
  for (std::size_t k = 0; k < starts.size(); ++k) {
    throw_if_interrupted();
    const auto& s = starts[k];
    const std::int64_t nz = std::min(wz, size[0] - s[0]), ny = std::min(wy, size[1] - s[1]),
                       nx = std::min(wx, size[2] - s[2]);
    auto x = torch::zeros({1, channels, wz, wy, wx});
    for (std::int64_t c = 0; c < channels; ++c)
      for (std::int64_t z = 0; z < nz; ++z)
        for (std::int64_t y = 0; y < ny; ++y)
          std::copy_n(image.data() + ((c * size[0] + s[0] + z) * size[1] + s[1] + y) * size[2] + s[2], nx,
                      x.data_ptr<float>() + ((c * wz + z) * wy + y) * wx);
    const auto p = impl_->probability(x, o.mirror).contiguous();
    const float* source = p.data_ptr<float>();
    for (std::int64_t z = 0; z < nz; ++z)
      for (std::int64_t y = 0; y < ny; ++y)
        for (std::int64_t i = 0; i < nx; ++i) {
          const auto from = static_cast<std::size_t>((z * wy + y) * wx + i);
          const auto to = static_cast<std::size_t>(((s[0] + z) * size[1] + s[1] + y) * size[2] + s[2] + i);
          const float weight = weights.empty() ? 1.0F : weights[from];
          sum[to] += weight * source[from];
          if (!norm.empty()) norm[to] += weight;
        }
    if (o.on_window) o.on_window(k + 1, starts.size());
  }
  for (std::size_t i = 0; i < norm.size(); ++i) sum[i] /= norm[i];
  return sum;
}

}  // namespace gliocast::nn
