#include <gliocast/nn/segmentation_network.hpp>

#include "fast_unet.hpp"
#include "weights.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/interrupt.hpp>
#include <gliocast/nn/training_case.hpp>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace gliocast::nn {

struct SegmentationNetwork::Impl {
  explicit Impl(const UnetOptions& options, Device d) : net(options), device(torch_device(d)) {}
  Unet net;
  torch::Device device;
  std::optional<FastUnet> fast;

  torch::Tensor logits(const torch::Tensor& x) {
    torch::NoGradGuard no_grad;
    return fast ? fast->forward(x) : net->forward(x.to(device)).to(torch::kCPU);
  }
  /// Tumour (all classes but the background), or the regions: [maps, D, H, W].
  torch::Tensor maps_of(const torch::Tensor& x) {
    const auto y = logits(x);
    return net->options.head == Head::Regions ? torch::sigmoid(y)[0] : 1 - torch::softmax(y, 1).select(1, 0);
  }
  /// Averaged with the mirrored input where asked.
  torch::Tensor probability(const torch::Tensor& x, bool mirror) {
    auto p = maps_of(x);
    if (mirror) p = 0.5 * (p + torch::flip(maps_of(torch::flip(x, {4})), {3}));
    return p;
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

namespace {

/// The window for a volume: no larger than needed, always a multiple of what the network halves.
SlidingWindowOptions fitted(SlidingWindowOptions window, const std::array<std::int64_t, 3>& size_zyx,
                            std::int64_t multiple) {
  for (std::size_t a = 0; a < 3; ++a) {
    const std::int64_t needed = (size_zyx[a] + multiple - 1) / multiple * multiple;
    window.window_zyx[a] = std::max(multiple, std::min(window.window_zyx[a] / multiple * multiple, needed));
  }
  return window;
}

/// A window within a volume: where it starts, and its rows that lie in the volume.
struct Window {
  std::array<std::int64_t, 3> size_zyx, start_zyx, inside_zyx;

  Window(const std::array<std::int64_t, 3>& size, const std::array<std::int64_t, 3>& start,
         const std::array<std::int64_t, 3>& volume)
      : size_zyx(size), start_zyx(start) {
    for (std::size_t a = 0; a < 3; ++a) inside_zyx[a] = std::min(size[a], volume[a] - start[a]);
  }
  /// Calls `row(from, to, length)` with the places of each row, in one channel of the window and of the volume.
  template <typename F>
  void for_each_row(const std::array<std::int64_t, 3>& volume, F row) const {
    for (std::int64_t z = 0; z < inside_zyx[0]; ++z)
      for (std::int64_t y = 0; y < inside_zyx[1]; ++y)
        row((z * size_zyx[1] + y) * size_zyx[2],
            ((start_zyx[0] + z) * volume[1] + start_zyx[1] + y) * volume[2] + start_zyx[2], inside_zyx[2]);
  }
};

/// What a window shows of the input, zeros beyond its edge: [1, channels, z, y, x].
torch::Tensor content_of(const Window& window, const NetworkInput& input) {
  const auto [wz, wy, wx] = window.size_zyx;
  auto x = torch::zeros({1, input.channels, wz, wy, wx});
  for (std::int64_t c = 0; c < input.channels; ++c)
    window.for_each_row(input.size_zyx, [&](std::int64_t from, std::int64_t to, std::int64_t length) {
      std::copy_n(input.values.data() + c * input.voxels() + to, length, x.data_ptr<float>() + c * wz * wy * wx + from);
    });
  return x;
}

}  // namespace

std::vector<float> SegmentationNetwork::predict(const NetworkInput& input, const Options& o) const {
  return std::move(predict_regions(input, o).front());
}

std::vector<std::vector<float>> SegmentationNetwork::predict_regions(const NetworkInput& input,
                                                                     const Options& o) const {
  const UnetOptions& net = impl_->net->options;
  input.check(net.in_channels);
  const SlidingWindowOptions window = fitted(o.window, input.size_zyx, net.size_multiple());
  const auto starts = window_starts(input.size_zyx, window);
  const bool blended = starts.size() > 1;
  const auto weights = blended ? gaussian_weights(window.window_zyx) : std::vector<float>();
  const auto voxels = static_cast<std::size_t>(input.voxels());
  const std::size_t maps = net.head == Head::Regions ? static_cast<std::size_t>(kRegions) : 1;
  std::vector<std::vector<float>> sum(maps, std::vector<float>(voxels, 0.0F));
  std::vector<float> norm(blended ? voxels : 0, 0.0F);
  for (std::size_t k = 0; k < starts.size(); ++k) {
    throw_if_interrupted();
    const Window here(window.window_zyx, starts[k], input.size_zyx);
    const auto p = impl_->probability(content_of(here, input), o.mirror).contiguous();
    const std::int64_t window_voxels = p.numel() / p.size(0);
    here.for_each_row(input.size_zyx, [&](std::int64_t row, std::int64_t place, std::int64_t length) {
      for (std::int64_t i = 0; i < length; ++i) {
        const auto from = static_cast<std::size_t>(row + i), to = static_cast<std::size_t>(place + i);
        const float weight = blended ? weights[from] : 1.0F;
        for (std::size_t m = 0; m < maps; ++m)
          sum[m][to] += weight * p.data_ptr<float>()[static_cast<std::int64_t>(m) * window_voxels + row + i];
        if (blended) norm[to] += weight;
      }
    });
    if (o.on_window) o.on_window(k + 1, starts.size());
  }
  for (std::size_t m = 0; m < maps; ++m)
    for (std::size_t i = 0; i < voxels; ++i) {
      if (blended) sum[m][i] /= norm[i];
      if (m > 0) sum[m][i] = std::min(sum[m][i], sum[m - 1][i]);
    }
  return sum;
}

}  // namespace gliocast::nn
