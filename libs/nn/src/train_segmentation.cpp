#include <gliocast/nn/training.hpp>

#include "losses.hpp"
#include "run_options.hpp"
#include "torch_compat.hpp"
#include "training_loop.hpp"
#include "unet_module.hpp"
#include "unet_start.hpp"
#include "weights.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/nn/tissue.hpp>

#include <ATen/Parallel.h>

#include <algorithm>
#include <limits>
#include <numeric>
#include <optional>

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

/// Tumour [N = 1, z, y, x] of 0/1, or nested regions [R, z, y, x].
torch::Tensor target_of(const std::vector<std::uint8_t>& label, const std::array<std::int64_t, 3>& size_zyx,
                        const SegmentationTrainingOptions& o) {
  const auto [z, y, x] = size_zyx;
  const bool regions = o.network.head == Head::Regions;
  const std::int64_t maps = regions ? kRegions : 1;
  auto out = torch::empty({maps, z, y, x});
  float* to = out.data_ptr<float>();
  for (std::int64_t r = 0; r < maps; ++r)
    for (const std::uint8_t l : label) *to++ = (regions ? in_region(l, r) : is_tumour(l, o.target)) ? 1.0F : 0.0F;
  return out;
}

struct Overlap {
  double both = 0, sum = 0, truth = 0;  ///< voxels
  [[nodiscard]] double dice() const { return sum == 0 ? 1.0 : 2 * both / sum; }
};

/// Of a predicted region and the truth, both of 0/1.
Overlap overlap_of(const torch::Tensor& predicted, const torch::Tensor& truth) {
  const double voxels = truth.sum().item<double>();
  return {(predicted * truth).sum().item<double>(), predicted.sum().item<double>() + voxels, voxels};
}

/// Loss of each sample over the levels of a U-Net with auxiliary heads, each weighing half of the one above: [N].
torch::Tensor levels_loss(const std::vector<torch::Tensor>& levels, const torch::Tensor& target) {
  auto sum = regions_loss(levels[0], target);
  double weight = 1, all = 1;
  auto coarse = target;
  for (std::size_t l = 1; l < levels.size(); ++l) {
    coarse = torch::avg_pool3d(coarse, 2);
    weight /= 2;
    all += weight;
    sum = sum + weight * regions_loss(levels[l], coarse);
  }
  return sum / all;
}

/// Mean Dice of each region over the windows that show it, since the epoch began.
struct RegionScores {
  std::array<double, kRegions> sum{}, count{};

  void add(const torch::Tensor& logits, const torch::Tensor& target) {
    for (std::int64_t n = 0; n < target.size(0); ++n)
      for (std::int64_t r = 0; r < kRegions; ++r) {
        const auto overlap = overlap_of((logits[n][r] > 0).to(torch::kFloat), target[n][r]);
        if (overlap.truth == 0) continue;
        sum[static_cast<std::size_t>(r)] += overlap.dice();
        count[static_cast<std::size_t>(r)] += 1;
      }
  }
  [[nodiscard]] std::vector<double> means() const {
    std::vector<double> out;
    for (std::size_t r = 0; r < sum.size(); ++r) out.push_back(sum[r] / count[r]);
    return out;
  }
};

/// The U-Net on windows, by Dice and cross-entropy; judged on whole cases by the mean Dice.
class SegmentationTask : public TrainingTask {
 public:
  SegmentationTask(const std::vector<TrainingCase>& training, const std::vector<TrainingCase>& validation,
                   const SegmentationTrainingOptions& options)
      : training_(training),
        validation_(validation),
        o_(options),
        device_(torch_device(options.common.device)),
        net_(options.network, options.auxiliary_levels),
        average_(options.network, options.auxiliary_levels),
        free_(training.size()),
        tissue_(training.size()),
        recent_(training.size(), kUnseen) {
    for (const auto& c : training_) tumour_.push_back(tumour_voxels(c, o_.target));
    at::parallel_for(0, static_cast<std::int64_t>(training.size()), 1, [&](std::int64_t begin, std::int64_t end) {
      for (auto i = static_cast<std::size_t>(begin); i < static_cast<std::size_t>(end); ++i) {
        if (o_.tumour_free > 0) free_[i] = without_tumour(training_[i]);
        if (o_.synthetic > 0) tissue_[i] = tissue_classes(training_[i], o_.common.seed);
      }
    });
  }

  torch::nn::Module& network() override { return *net_; }
  torch::nn::Module& average() override { return *average_; }
  [[nodiscard]] const Unet& unet() const { return net_; }

  torch::Tensor loss(std::uint64_t step) override {
    const auto [d, h, w] = o_.patch_zyx;
    const std::int64_t batch = o_.common.batch;
    const bool regions = o_.network.head == Head::Regions;
    auto x = torch::empty({batch, o_.network.in_channels, d, h, w}),
         y = torch::empty({batch, regions ? kRegions : 1, d, h, w});
    std::vector<Draw> draws;
    for (std::int64_t b = 0; b < batch; ++b)
      draws.push_back(draw(step * static_cast<std::uint64_t>(batch) + static_cast<std::uint64_t>(b)));
    at::parallel_for(0, batch, 1, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t b = begin; b < end; ++b) {
        const Sample s = sample(draws[static_cast<std::size_t>(b)]);
        std::ranges::copy(s.input.values, x.data_ptr<float>() + b * x.stride(0));
        const auto target = target_of(s.label, s.input.size_zyx, o_);
        std::copy_n(target.data_ptr<float>(), target.numel(), y.data_ptr<float>() + b * y.stride(0));
      }
    });
    if (!regions) return dice_bce_loss(net_->forward(x.to(device_)), y.to(device_).squeeze(1));
    const auto levels = net_->forward_levels(x.to(device_));
    const auto losses = levels_loss(levels, y.to(device_));
    note(draws, losses.detach().to(torch::kCPU), levels[0].detach().to(torch::kCPU), y);
    return losses.mean();
  }

  Judgement judge() override {
    constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
    const bool regions = o_.network.head == Head::Regions;
    Judgement sum{kNone, kNone};
    if (regions) {
      sum.training_regions = scores_.means();
      sum.validation_regions.assign(kRegions, kNone);
    }
    scores_ = {};
    if (validation_.empty()) return sum;
    const auto n = static_cast<double>(validation_.size());
    sum.loss = sum.score = 0;
    std::ranges::fill(sum.validation_regions, 0.0);
    for (const auto& c : validation_) {
      const auto [nz, ny, nx] = c.input.size_zyx;
      const auto x = padded_image(c.input, o_.network.size_multiple());
      const auto full = average_->forward(x.to(device_)).to(torch::kCPU);
      const auto logits = full.narrow(2, 0, nz).narrow(3, 0, ny).narrow(4, 0, nx).contiguous();
      const auto y = target_of(c.label, c.input.size_zyx, o_);
      if (!regions) {
        sum.loss += dice_bce_loss(logits, y).item<double>() / n;
        sum.score += overlap_of((logits[0][1] > logits[0][0]).to(torch::kFloat), y[0]).dice() / n;
        continue;
      }
      sum.loss += regions_loss(logits, y.unsqueeze(0)).item<double>() / n;
      for (std::int64_t r = 0; r < kRegions; ++r)
        sum.validation_regions[static_cast<std::size_t>(r)] +=
            overlap_of((logits[0][r] > 0).to(torch::kFloat), y[r]).dice() / n;
      sum.score = sum.validation_regions[0];
    }
    return sum;
  }

  [[nodiscard]] Json memory() const override {
    if (o_.network.head != Head::Regions) return nullptr;
    return {{"recent_loss", recent_}, {"dice_sum", scores_.sum}, {"dice_count", scores_.count}};
  }

  void remember(const Json& memory) override {
    if (memory.is_null()) return;
    memory.at("recent_loss").get_to(recent_);
    memory.at("dice_sum").get_to(scores_.sum);
    memory.at("dice_count").get_to(scores_.count);
    if (recent_.size() != training_.size()) throw unusable_input("the checkpoint has losses of other cases");
  }

 private:
  static constexpr double kUnseen = 2;     ///< recent loss of a case that was not drawn yet
  static constexpr double kNewest = 0.3;   ///< weight of the newest loss among the recent ones
  static constexpr double kLesions = 0.6;  ///< part of the tumour-free samples with lesions

  /// What a sample is made of: a case as it is, without its tumour, or painted anew.
  struct Draw {
    std::uint64_t position = 0;
    std::size_t chosen = 0;
    bool tumour_free = false, synthetic = false;
  };

  /// The draw at a position of the training: cases in a new random order each pass, or by their recent loss, drawn from
  /// seed, position and what was remembered alone, so that a resumed run sees the same ones.
  [[nodiscard]] Draw draw(std::uint64_t position) const {
    Draw out{position, in_order(position)};
    if (o_.hard_cases > 0) {
      Random hard(o_.common.seed, "hard case", position);
      if (hard.chance(o_.hard_cases)) out.chosen = by_loss(hard);
    }
    if (o_.tumour_free <= 0 && o_.synthetic <= 0) return out;
    Random kind(o_.common.seed, "kind", position);
    const double u = kind.uniform();
    out.tumour_free = u < o_.tumour_free && free_[out.chosen].has_value();
    out.synthetic = !out.tumour_free && u >= o_.tumour_free && u < o_.tumour_free + o_.synthetic;
    return out;
  }

  [[nodiscard]] std::size_t in_order(std::uint64_t position) const {
    const std::uint64_t n = training_.size();
    std::vector<std::size_t> order(n);
    std::iota(order.begin(), order.end(), std::size_t{0});
    Random shuffle(o_.common.seed, "order", position / n);
    for (std::size_t i = n; i > 1; --i) std::swap(order[i - 1], order[shuffle.below(i)]);
    return order[position % n];
  }

  /// Cases weighted by the square of their recent loss.
  [[nodiscard]] std::size_t by_loss(Random& random) const {
    double sum = 0;
    for (const double loss : recent_) sum += loss * loss;
    double left = random.uniform(0, sum);
    std::size_t chosen = 0;
    while (chosen + 1 < recent_.size() && (left -= recent_[chosen] * recent_[chosen]) > 0) ++chosen;
    return chosen;
  }

  [[nodiscard]] Sample sample(const Draw& d) const {
    const TrainingCase& c = d.tumour_free ? *free_[d.chosen] : training_[d.chosen];
    AugmentationOptions augmentation = o_.common.augmentation;
    if (d.tumour_free) augmentation.lesion_probability = kLesions;
    Random random(o_.common.seed, "sample", d.position);
    const auto centre = random_centre(c.input, tumour_[d.chosen], o_, random);
    return draw_sample(c, centre, o_.patch_zyx, 1.0, augmentation, random,
                       d.synthetic ? tissue_[d.chosen] : std::vector<std::uint8_t>());
  }

  /// Losses of cases as they are, for the next draws; scores, for the curve.
  void note(const std::vector<Draw>& draws, const torch::Tensor& losses, const torch::Tensor& logits,
            const torch::Tensor& target) {
    for (std::size_t b = 0; b < draws.size(); ++b) {
      if (draws[b].tumour_free || draws[b].synthetic) continue;
      double& recent = recent_[draws[b].chosen];
      recent += kNewest * (losses[static_cast<std::int64_t>(b)].item<double>() - recent);
    }
    scores_.add(logits, target);
  }

  const std::vector<TrainingCase>&training_, &validation_;
  const SegmentationTrainingOptions& o_;
  torch::Device device_;
  Unet net_, average_;
  std::vector<std::vector<std::uint32_t>> tumour_;  ///< of each training case
  std::vector<std::optional<TrainingCase>> free_;   ///< the cases without their tumours, where that can be
  std::vector<std::vector<std::uint8_t>> tissue_;   ///< the cases' classes
  std::vector<double> recent_;                      ///< the cases' recent losses
  RegionScores scores_;
};

}  // namespace

SegmentationTrainingOptions SegmentationTrainingOptions::real() {
  SegmentationTrainingOptions o;
  o.network = UnetOptions::preset("real");
  o.network.in_channels = 4;
  o.common.learning_rate = 1e-3;
  o.common.cosine_floor = 0.02;
  o.common.ema = 0.998;
  o.common.weight_decay = 1e-3;
  o.common.augmentation = AugmentationOptions::strong();
  o.tumour_free = 0.12;
  o.synthetic = 0.1;
  o.auxiliary_levels = 2;
  o.hard_cases = 0.5;
  return o;
}

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
  initialise(task.network(), o.common.seed);
  const TensorFile start = initial.tensors.empty() ? TensorFile() : starting_weights(initial, task.unet());
  auto result = run_training(task, o.common, run_options(o, training, validation), start, on_epoch);
  std::erase_if(result.weights.tensors, [](const auto& item) { return item.first.starts_with(kAuxiliary); });
  return result;
}

}  // namespace gliocast::nn
