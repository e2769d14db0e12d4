#include <gliocast/nn/training.hpp>

#include "losses.hpp"
#include "run_options.hpp"
#include "torch_compat.hpp"
#include "training_loop.hpp"
#include "unet_module.hpp"
#include "weights.hpp"

#include <gliocast/core/error.hpp>

#include <algorithm>
#include <limits>
#include <numeric>

namespace gliocast::nn {
namespace {

constexpr double kCentreScatter = 0.3;  ///< of a window: how far its centre lies from a tumour voxel at most
constexpr double kBeyondEdge = 6;       ///< voxels that a window may reach out: heads are cut at vertex and neck

/// Positions of tumour voxels of a case, for windows that are centred on one.
std::vector<std::uint32_t> tumour_voxels(const TrainingCase& c, TumourTarget target) {
  std::vector<std::uint32_t> out;
  for (std::size_t i = 0; i < c.label.size(); ++i)
    if (is_tumour(c.label[i], target)) out.push_back(static_cast<std::uint32_t>(i));
  return out;
}

std::array<double, 3> random_centre(const NetworkInput& input, const std::vector<std::uint32_t>& tumour,
                                    const SegmentationTrainingOptions& o, Random& random) {
  const auto [nz, ny, nx] = input.size_zyx;
  if (!tumour.empty() && random.chance(o.tumour_centred)) {
    const auto v = static_cast<std::int64_t>(tumour[random.below(tumour.size())]);
    std::array<double, 3> p{static_cast<double>(v % nx), static_cast<double>(v / nx % ny),
                            static_cast<double>(v / (nx * ny))};
    for (std::size_t a = 0; a < 3; ++a)
      p[a] += random.uniform(-kCentreScatter, kCentreScatter) * static_cast<double>(o.patch_zyx[2 - a]);
    return p;
  }
  std::array<double, 3> p{};
  for (std::size_t a = 0; a < 3; ++a) {
    const auto n = static_cast<double>(input.size_zyx[2 - a]), window = static_cast<double>(o.patch_zyx[2 - a]);
    const double room = std::max(0.0, n - window) / 2 + kBeyondEdge;
    p[a] = 0.5 * (n - 1) + random.uniform(-room, room);
  }
  return p;
}

/// The whole input, padded at its end to what the network can halve.
torch::Tensor padded_image(const NetworkInput& input, std::int64_t multiple) {
  const auto [z, y, x] = input.size_zyx;
  const auto up = [&](std::int64_t n) { return (n + multiple - 1) / multiple * multiple; };
  auto out = torch::zeros({1, input.channels, up(z), up(y), up(x)});
  out.narrow(2, 0, z).narrow(3, 0, y).narrow(4, 0, x).copy_(view_of(input));
  return out;
}

torch::Tensor target_of(const TrainingCase& c, TumourTarget target) {
  const auto [z, y, x] = c.input.size_zyx;
  auto out = torch::empty({1, z, y, x});
  for (std::size_t i = 0; i < c.label.size(); ++i)
    out.data_ptr<float>()[i] = is_tumour(c.label[i], target) ? 1.0F : 0.0F;
  return out;
}

/// The U-Net on windows, by Dice and cross-entropy; judged on whole cases by the mean Dice.
class SegmentationTask : public TrainingTask {
 public:
  SegmentationTask(const std::vector<TrainingCase>& training, const std::vector<TrainingCase>& validation,
                   const SegmentationTrainingOptions& options)
      : training_(training),
        validation_(validation),
        o_(options),
        device_(torch_device(options.common.device)),
        net_(options.network),
        average_(options.network) {
    for (const auto& c : training_) tumour_.push_back(tumour_voxels(c, o_.target));
  }

  torch::nn::Module& network() override { return *net_; }
  torch::nn::Module& average() override { return *average_; }

  torch::Tensor loss(std::uint64_t step) override {
    const auto [d, h, w] = o_.patch_zyx;
    const std::int64_t batch = o_.common.batch;
    auto x = torch::empty({batch, o_.network.in_channels, d, h, w}), y = torch::empty({batch, d, h, w});
    for (std::int64_t b = 0; b < batch; ++b) {
      const std::uint64_t position = step * static_cast<std::uint64_t>(batch) + static_cast<std::uint64_t>(b);
      const Sample s = sample(position);
      std::ranges::copy(s.input.values, x[b].data_ptr<float>());
      std::ranges::copy(s.target, y[b].data_ptr<float>());
    }
    return dice_bce_loss(net_->forward(x.to(device_)), y.to(device_));
  }

  Judgement judge() override {
    constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
    if (validation_.empty()) return {kNone, kNone};
    Judgement sum;
    for (const auto& c : validation_) {
      const auto [nz, ny, nx] = c.input.size_zyx;
      const auto x = padded_image(c.input, o_.network.size_multiple());
      const auto full = average_->forward(x.to(device_)).to(torch::kCPU);
      const auto logits = full.narrow(2, 0, nz).narrow(3, 0, ny).narrow(4, 0, nx);
      const auto y = target_of(c, o_.target);
      sum.loss += dice_bce_loss(logits, y).item<double>();
      const auto predicted = (logits.select(1, 1) > logits.select(1, 0)).to(torch::kFloat);
      const double voxels = (predicted.sum() + y.sum()).item<double>();
      sum.score += voxels == 0 ? 1.0 : 2 * (predicted * y).sum().item<double>() / voxels;
    }
    const auto n = static_cast<double>(validation_.size());
    return {sum.loss / n, sum.score / n};
  }

 private:
  /// The sample at a position of the training: cases in a new random order each pass, drawn from seed and position
  /// alone, so that a resumed run sees the same ones.
  [[nodiscard]] Sample sample(std::uint64_t position) const {
    const std::uint64_t n = training_.size();
    std::vector<std::size_t> order(n);
    std::iota(order.begin(), order.end(), std::size_t{0});
    Random shuffle(o_.common.seed, "order", position / n);
    for (std::size_t i = n; i > 1; --i) std::swap(order[i - 1], order[shuffle.below(i)]);
    const std::size_t chosen = order[position % n];
    Random random(o_.common.seed, "sample", position);
    const auto centre = random_centre(training_[chosen].input, tumour_[chosen], o_, random);
    return draw_sample(training_[chosen], centre, o_.patch_zyx, 1.0, o_.target, o_.common.augmentation, random);
  }

  const std::vector<TrainingCase>&training_, &validation_;
  const SegmentationTrainingOptions& o_;
  torch::Device device_;
  Unet net_, average_;
  std::vector<std::vector<std::uint32_t>> tumour_;  ///< of each training case
};

}  // namespace

TrainingResult train_segmentation(const std::vector<TrainingCase>& training,
                                  const std::vector<TrainingCase>& validation,
                                  const SegmentationTrainingOptions& options, const TensorFile& initial,
                                  const EpochCallback& on_epoch) {
  if (training.empty()) throw unusable_input("no training case");
  check_channels(training, options.network.in_channels);
  check_channels(validation, options.network.in_channels);
  SegmentationTrainingOptions o = options;
  o.common = with_steps(o.common, training.size());
  SegmentationTask task(training, validation, o);
  return run_training(task, o.common, run_options(o, training, validation), initial, on_epoch);
}

}  // namespace gliocast::nn
