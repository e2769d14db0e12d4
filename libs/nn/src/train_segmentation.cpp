#include <gliocast/nn/training.hpp>

#include "checkpoint.hpp"
#include "losses.hpp"
#include "unet_module.hpp"
#include "weights.hpp"

#include <gliocast/core/error.hpp>

#include <algorithm>
#include <limits>

namespace gliocast::nn {
namespace {

/// Positions of tumour voxels of a case, for windows that are centred on one.
std::vector<std::uint32_t> tumour_voxels(const TrainingCase& c, TumourTarget target) {
  std::vector<std::uint32_t> out;
  for (std::size_t i = 0; i < c.label.size(); ++i)
    if (is_tumour(c.label[i], target)) out.push_back(static_cast<std::uint32_t>(i));
  return out;
}

std::array<double, 3> random_centre(const TrainingCase& c, const std::vector<std::uint32_t>& tumour,
                                    const SegmentationTrainingOptions& o, Random& random) {
  if (!tumour.empty() && random.chance(o.tumour_centred)) {
    const auto v = static_cast<std::int64_t>(tumour[random.below(tumour.size())]);
    std::array<double, 3> p{static_cast<double>(v % c.input.size_zyx[2]),
                            static_cast<double>(v / c.input.size_zyx[2] % c.input.size_zyx[1]),
                            static_cast<double>(v / (c.input.size_zyx[2] * c.input.size_zyx[1]))};
    for (std::size_t a = 0; a < 3; ++a) p[a] += random.uniform(-0.3, 0.3) * static_cast<double>(o.patch_zyx[2 - a]);
    return p;
  }
  std::array<double, 3> p{};
  for (std::size_t a = 0; a < 3; ++a) {
    const auto n = static_cast<double>(c.input.size_zyx[2 - a]), window = static_cast<double>(o.patch_zyx[2 - a]);
    const double room =
        std::max(0.0, n - window) / 2 + 6;  // a little beyond the edge: heads are cut at vertex and neck
    p[a] = 0.5 * (n - 1) + random.uniform(-room, room);
  }
  return p;
}

/// The whole case, padded at its end to what the network can halve.
torch::Tensor padded_image(const TrainingCase& c, std::int64_t multiple) {
  const auto up = [&](std::int64_t n) { return (n + multiple - 1) / multiple * multiple; };
  auto x =
      torch::zeros({1, c.input.channels, up(c.input.size_zyx[0]), up(c.input.size_zyx[1]), up(c.input.size_zyx[2])});
  x[0].narrow(1, 0, c.input.size_zyx[0])
      .narrow(2, 0, c.input.size_zyx[1])
      .narrow(3, 0, c.input.size_zyx[2])
      .copy_(view_of(c.input)[0]);
  return x;
}

torch::Tensor target_of(const TrainingCase& c, TumourTarget target) {
  auto y = torch::empty({1, c.input.size_zyx[0], c.input.size_zyx[1], c.input.size_zyx[2]});
  for (std::size_t i = 0; i < c.label.size(); ++i) y.data_ptr<float>()[i] = is_tumour(c.label[i], target) ? 1.0F : 0.0F;
  return y;
}

void check_cases(const std::vector<TrainingCase>& cases, std::int64_t channels) {
  for (const auto& c : cases)
    if (c.input.channels != channels)
      throw unusable_input(
          "has " + std::to_string(c.input.channels) + " channels, the network takes " + std::to_string(channels), c.id);
}

}  // namespace

TrainingResult train_segmentation(const std::vector<TrainingCase>& training,
                                  const std::vector<TrainingCase>& validation, const SegmentationTrainingOptions& o,
                                  const TensorFile& initial, const EpochCallback& on_epoch) {
  if (training.empty()) throw unusable_input("no training case");
  check_cases(training, o.network.in_channels);
  check_cases(validation, o.network.in_channels);
  const torch::Device device(o.common.device == Device::Cuda ? torch::kCUDA : torch::kCPU);
  Unet net(o.network), average(o.network);
  initialise(*net, o.common.seed);
  if (!initial.tensors.empty()) load_module(*net, initial);
  net->to(device);
  average->to(device);
  std::vector<std::vector<std::uint32_t>> tumour;
  for (const auto& c : training) tumour.push_back(tumour_voxels(c, o.target));

  TrainingTask task;
  const std::int64_t batch = o.common.batch;
  task.loss = [&](std::uint64_t step) {
    const auto [d, h, w] = o.patch_zyx;
    auto x = torch::empty({batch, o.network.in_channels, d, h, w}), y = torch::empty({batch, d, h, w});
    for (std::int64_t b = 0; b < batch; ++b) {
      // Cases in a new random order each pass; drawn from (seed, position) alone, so that a resumed run sees the same
      // ones.
      const std::uint64_t position = step * static_cast<std::uint64_t>(batch) + static_cast<std::uint64_t>(b),
                          n = training.size();
      std::vector<std::size_t> order(n);
      for (std::size_t i = 0; i < n; ++i) order[i] = i;
      Random shuffle(o.common.seed, "order", position / n);
      for (std::size_t i = n; i > 1; --i) std::swap(order[i - 1], order[shuffle.below(i)]);
      const std::size_t chosen = order[position % n];
      Random random(o.common.seed, "sample", position);
      const auto centre = random_centre(training[chosen], tumour[chosen], o, random);
      const Sample s = draw_sample(training[chosen], centre, o.patch_zyx, 1.0, o.target, o.common.augmentation, random);
      std::copy(s.input.values.begin(), s.input.values.end(), x[b].data_ptr<float>());
      std::copy(s.target.begin(), s.target.end(), y[b].data_ptr<float>());
    }
    return dice_bce_loss(net->forward(x.to(device)), y.to(device));
  };
  task.validate = [&](torch::nn::Module&) -> std::pair<double, double> {
    if (validation.empty()) return {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::quiet_NaN()};
    double loss = 0, score = 0;
    for (const auto& c : validation) {
      const auto x = padded_image(c, o.network.size_multiple());
      const auto full = average->forward(x.to(device)).to(torch::kCPU);
      const auto logits =
          full.narrow(2, 0, c.input.size_zyx[0]).narrow(3, 0, c.input.size_zyx[1]).narrow(4, 0, c.input.size_zyx[2]);
      const auto y = target_of(c, o.target);
      loss += dice_bce_loss(logits, y).item<double>();
      const auto predicted = (logits.select(1, 1) > logits.select(1, 0)).to(torch::kFloat);
      const double sum = (predicted.sum() + y.sum()).item<double>();
      score += sum == 0 ? 1.0 : 2 * (predicted * y).sum().item<double>() / sum;
    }
    const auto n = static_cast<double>(validation.size());
    return {loss / n, score / n};
  };
  TrainingOptions common = o.common;
  if (common.steps_per_epoch <= 0)
    common.steps_per_epoch =
        std::max<std::int64_t>(1, (static_cast<std::int64_t>(training.size()) + batch - 1) / batch);
  return run_training(*net, *average, task, common, on_epoch);
}

}  // namespace gliocast::nn
