#include <gliocast/nn/training.hpp>

#include "resnet_module.hpp"
#include "run_options.hpp"
#include "torch_compat.hpp"
#include "training_loop.hpp"
#include "weights.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/nn/cropping.hpp>

#include <algorithm>
#include <limits>

namespace gliocast::nn {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

PatchPlan plan_of(const TrainingCase& c, const std::array<std::int64_t, 3>& size_zyx, double step, GradingInput input) {
  Mask region = input == GradingInput::Brain ? brain_of(c.input) : Mask(c.input.grid());
  if (input == GradingInput::Patch)
    for (std::size_t i = 0; i < region.voxels.size(); ++i) region.voxels[i] = c.label[i] > 0;
  try {
    return plan_patch(region, {size_zyx, step});
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
  return pairs > 0 ? wins / pairs : kNone;
}

void check_cases(const std::vector<TrainingCase>& cases, std::int64_t channels) {
  check_channels(cases, channels);
  for (const auto& c : cases)
    if (c.grade != 0 && c.grade != 1)
      throw unusable_input("has no grade", c.id, "leave it out of the training of grading");
}

/// The ResNet on tumour patches, by cross-entropy with both grades drawn alike; judged by the loss averaged over the
/// grades and the area under the ROC curve.
class GradingTask : public TrainingTask {
 public:
  GradingTask(const std::vector<TrainingCase>& training, const std::vector<TrainingCase>& validation,
              const GradingTrainingOptions& options)
      : training_(training),
        validation_(validation),
        o_(options),
        device_(torch_device(options.common.device)),
        net_(options.network),
        average_(options.network) {
    for (std::size_t i = 0; i < training_.size(); ++i)
      by_grade_[static_cast<std::size_t>(training_[i].grade)].push_back(i);
    if (by_grade_[0].empty() || by_grade_[1].empty())
      throw unusable_input("training of grading needs patients of both grades, low and high");
    for (const auto& c : training_) plans_.push_back(plan_of(c, o_.patch_zyx, o_.step, o_.input));
  }

  torch::nn::Module& network() override { return *net_; }
  torch::nn::Module& average() override { return *average_; }

  torch::Tensor loss(std::uint64_t step) override {
    const auto [d, h, w] = o_.patch_zyx;
    const std::int64_t batch = o_.common.batch;
    auto x = torch::empty({batch, o_.network.in_channels, d, h, w});
    auto y = torch::empty({batch}, torch::kLong);
    for (std::int64_t b = 0; b < batch; ++b) {
      const std::uint64_t position = step * static_cast<std::uint64_t>(batch) + static_cast<std::uint64_t>(b);
      Random random(o_.common.seed, "sample", position);
      const auto& pool = by_grade_[position % 2];  // the classes count alike, whatever their sizes
      const std::size_t chosen = pool[random.below(pool.size())];
      const Sample s = sample(chosen, random);
      std::ranges::copy(s.input.values, x[b].data_ptr<float>());
      y[b] = training_[chosen].grade;
    }
    net_->dropout_seed = Random(o_.common.seed, "dropout", step)();
    return torch::nn::functional::cross_entropy(net_->forward(x.to(device_)), y.to(device_));
  }

  Judgement judge() override {
    if (validation_.empty()) return {kNone, kNone};
    std::array<double, 2> loss{0, 0}, n{0, 0};
    std::vector<double> score;
    std::vector<int> grade;
    for (const auto& c : validation_) {
      const NetworkInput patch = grading_patch(c, o_.patch_zyx, o_.step, o_.input);
      const auto log_p = torch::log_softmax(average_->forward(view_of(patch).to(device_)), 1).to(torch::kCPU);
      loss[static_cast<std::size_t>(c.grade)] -= log_p[0][c.grade].item<double>();
      n[static_cast<std::size_t>(c.grade)] += 1;
      score.push_back(log_p[0][1].item<double>() - log_p[0][0].item<double>());
      grade.push_back(c.grade);
    }
    double balanced = 0, classes = 0;
    for (std::size_t g = 0; g < 2; ++g) {
      if (n[g] == 0) continue;
      balanced += loss[g] / n[g];
      ++classes;
    }
    return {balanced / classes, auc(score, grade)};
  }

 private:
  [[nodiscard]] Sample sample(std::size_t chosen, Random& random) const {
    std::array<double, 3> centre = plans_[chosen].centre_xyz;
    if (o_.common.augmentation.enabled)
      for (double& v : centre) v += random.uniform(-o_.centre_jitter, o_.centre_jitter);
    return draw_sample(training_[chosen], centre, o_.patch_zyx, plans_[chosen].step_xyz[0], o_.common.augmentation,
                       random);
  }

  const std::vector<TrainingCase>&training_, &validation_;
  const GradingTrainingOptions& o_;
  torch::Device device_;
  Resnet3d net_, average_;
  std::array<std::vector<std::size_t>, 2> by_grade_;  ///< training cases, low grade and high
  std::vector<PatchPlan> plans_;                      ///< of each training case
};

}  // namespace

void GradingTrainingOptions::take_preset(const std::string& name) {
  network = ResnetOptions::preset(name);
  if (name != "paper") return;
  patch_zyx = {96, 128, 96};
  step = 0.5;
}

NetworkInput grading_patch(const TrainingCase& c, const std::array<std::int64_t, 3>& size_zyx, double step,
                           GradingInput input) {
  return cut_patch(c.input, plan_of(c, size_zyx, step, input));
}

TrainingResult train_grading(const std::vector<TrainingCase>& training, const std::vector<TrainingCase>& validation,
                             const GradingTrainingOptions& options, const TensorFile& initial,
                             const EpochCallback& on_epoch) {
  check_cases(training, options.network.in_channels);
  check_cases(validation, options.network.in_channels);
  GradingTrainingOptions o = options;
  o.common = with_steps(o.common, training.size());
  GradingTask task(training, validation, o);
  return run_training(task, o.common, run_options(o, training, validation), initial, on_epoch);
}

}  // namespace gliocast::nn
