#include <gliocast/nn/training.hpp>

#include "checkpoint.hpp"
#include "resnet_module.hpp"
#include "weights.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/nn/cropping.hpp>

#include <algorithm>
#include <limits>

namespace gliocast::nn {
namespace {

Mask tumour_mask(const TrainingCase& c) {
  Mask mask(c.input.grid());
  for (std::size_t i = 0; i < mask.voxels.size(); ++i) mask.voxels[i] = c.label[i] > 0;
  return mask;
}

PatchPlan plan_of(const TrainingCase& c, const std::array<std::int64_t, 3>& size_zyx, double step) {
  try {
    return plan_patch(tumour_mask(c), {size_zyx, step});
  } catch (const Error& e) {
    throw e.within(c.id);
  }
}

/// Area under the ROC curve by counting pairs; NaN with one class only.
double auc(const std::vector<double>& score, const std::vector<int>& grade) {
  double wins = 0, pairs = 0;
  for (std::size_t i = 0; i < score.size(); ++i)
    for (std::size_t j = 0; j < score.size(); ++j)
      if (grade[i] == 1 && grade[j] == 0) {
        wins += score[i] > score[j] ? 1.0 : score[i] == score[j] ? 0.5 : 0.0;
        ++pairs;
      }
  return pairs > 0 ? wins / pairs : std::numeric_limits<double>::quiet_NaN();
}

void check_cases(const std::vector<TrainingCase>& cases, std::int64_t channels) {
  for (const auto& c : cases) {
    if (c.input.channels != channels)
      throw unusable_input(
          "has " + std::to_string(c.input.channels) + " channels, the network takes " + std::to_string(channels), c.id);
    if (c.grade != 0 && c.grade != 1)
      throw unusable_input("has no grade", c.id, "leave it out of the training of grading");
  }
}

}  // namespace

NetworkInput grading_patch(const TrainingCase& c, const std::array<std::int64_t, 3>& size_zyx, double step) {
  return cut_patch(c.input, plan_of(c, size_zyx, step));
}

TrainingResult train_grading(const std::vector<TrainingCase>& training, const std::vector<TrainingCase>& validation,
                             const GradingTrainingOptions& o, const TensorFile& initial,
                             const EpochCallback& on_epoch) {
  check_cases(training, o.network.in_channels);
  check_cases(validation, o.network.in_channels);
  std::array<std::vector<std::size_t>, 2> by_grade;
  for (std::size_t i = 0; i < training.size(); ++i) by_grade[static_cast<std::size_t>(training[i].grade)].push_back(i);
  if (by_grade[0].empty() || by_grade[1].empty())
    throw unusable_input("training of grading needs patients of both grades, low and high");
  const torch::Device device(o.common.device == Device::Cuda ? torch::kCUDA : torch::kCPU);
  Resnet3d net(o.network), average(o.network);
  initialise(*net, o.common.seed);
  if (!initial.tensors.empty()) load_module(*net, initial);
  net->to(device);
  average->to(device);
  std::vector<PatchPlan> plans;
  for (const auto& c : training) plans.push_back(plan_of(c, o.patch_zyx, o.step));

  TrainingTask task;
  const std::int64_t batch = o.common.batch;
  task.loss = [&](std::uint64_t step) {
    const auto [d, h, w] = o.patch_zyx;
    auto x = torch::empty({batch, o.network.in_channels, d, h, w});
    auto y = torch::empty({batch}, torch::kLong);
    for (std::int64_t b = 0; b < batch; ++b) {
      const std::uint64_t position = step * static_cast<std::uint64_t>(batch) + static_cast<std::uint64_t>(b);
      Random random(o.common.seed, "sample", position);
      const auto& pool = by_grade[position % 2];  // the classes count alike, whatever their sizes
      const std::size_t chosen = pool[random.below(pool.size())];
      std::array<double, 3> centre = plans[chosen].centre_xyz;
      if (o.common.augmentation.enabled)
        for (double& v : centre) v += random.uniform(-o.centre_jitter, o.centre_jitter);
      const Sample s = draw_sample(training[chosen], centre, o.patch_zyx, plans[chosen].step_xyz[0],
                                   TumourTarget::Whole, o.common.augmentation, random);
      std::copy(s.input.values.begin(), s.input.values.end(), x[b].data_ptr<float>());
      y[b] = training[chosen].grade;
    }
    return torch::nn::functional::cross_entropy(net->forward(x.to(device)), y.to(device));
  };
  task.validate = [&](torch::nn::Module&) -> std::pair<double, double> {
    if (validation.empty()) return {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::quiet_NaN()};
    std::array<double, 2> loss{0, 0}, n{0, 0};
    std::vector<double> score;
    std::vector<int> grade;
    for (const auto& c : validation) {
      const auto patch = grading_patch(c, o.patch_zyx, o.step);
      const auto log_p = torch::log_softmax(average->forward(view_of(patch).to(device)), 1).to(torch::kCPU);
      loss[static_cast<std::size_t>(c.grade)] -= log_p[0][c.grade].item<double>();
      n[static_cast<std::size_t>(c.grade)] += 1;
      score.push_back(log_p[0][1].item<double>() - log_p[0][0].item<double>());
      grade.push_back(c.grade);
    }
    double balanced = 0, classes = 0;
    for (std::size_t g = 0; g < 2; ++g)
      if (n[g] > 0) balanced += loss[g] / n[g], ++classes;
    return {balanced / classes, auc(score, grade)};
  };
  TrainingOptions common = o.common;
  if (common.steps_per_epoch <= 0)
    common.steps_per_epoch =
        std::max<std::int64_t>(1, (static_cast<std::int64_t>(training.size()) + batch - 1) / batch);
  return run_training(*net, *average, task, common, on_epoch);
}

}  // namespace gliocast::nn
