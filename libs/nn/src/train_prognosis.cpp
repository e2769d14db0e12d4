#include <gliocast/nn/prognosis_training.hpp>

#include "blocks.hpp"
#include "losses.hpp"
#include "resnet2d_module.hpp"
#include "run_options.hpp"
#include "training_loop.hpp"
#include "weights.hpp"

#include <gliocast/core/error.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace gliocast::nn {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

bool timed(const PrognosisCase& c) { return std::isfinite(c.time); }

/// Harrell's C of scores that are higher in who dies first; NaN without a pair that can be compared.
double concordance(const std::vector<double>& score, const std::vector<PrognosisCase>& cases) {
  double wins = 0, pairs = 0;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    if (!timed(cases[i]) || !cases[i].event) continue;
    for (std::size_t j = 0; j < cases.size(); ++j) {
      const bool later =
          timed(cases[j]) && (cases[j].time > cases[i].time || (cases[j].time == cases[i].time && !cases[j].event));
      if (!later) continue;
      wins += score[i] > score[j] ? 1.0 : score[i] == score[j] ? 0.5 : 0.0;
      ++pairs;
    }
  }
  return pairs > 0 ? wins / pairs : kNone;
}

PrognosisTruth truth_of(const std::vector<const PrognosisCase*>& cases) {
  const auto n = static_cast<std::int64_t>(cases.size());
  PrognosisTruth truth{torch::empty({n}, torch::kLong), torch::empty({n}, torch::kDouble),
                       torch::empty({n}, torch::kDouble)};
  for (std::int64_t i = 0; i < n; ++i) {
    const PrognosisCase& c = *cases[static_cast<std::size_t>(i)];
    truth.grade[i] = c.who_grade;
    truth.time[i] = c.time;
    truth.event[i] = c.event ? 1.0 : 0.0;
  }
  return truth;
}

/// The 2-D ResNet on slices; judged by the loss of those held out, all in one batch, and by Harrell's C.
class PrognosisTask : public TrainingTask {
 public:
  PrognosisTask(const std::vector<PrognosisCase>& training, const std::vector<PrognosisCase>& validation,
                const PrognosisTrainingOptions& options, double centre)
      : training_(training),
        validation_(validation),
        o_(options),
        device_(torch_device(options.common.device)),
        net_(options.network),
        average_(options.network) {
    net_->survival_centre.fill_(centre);
  }

  torch::nn::Module& network() override { return *net_; }
  torch::nn::Module& average() override { return *average_; }

  torch::Tensor loss(std::uint64_t step) override {
    const auto [z, h, w] = training_.front().slice.input.size_zyx;
    const std::int64_t batch = o_.common.batch;
    auto x = torch::empty({batch, o_.network.in_channels, h, w});
    std::vector<const PrognosisCase*> drawn;
    for (std::int64_t b = 0; b < batch; ++b) {
      const std::uint64_t position = step * static_cast<std::uint64_t>(batch) + static_cast<std::uint64_t>(b);
      drawn.push_back(&training_[case_at(position)]);
      const Sample s = sample(drawn.back()->slice, position);
      std::ranges::copy(s.input.values, x[b].data_ptr<float>());
    }
    net_->dropout_seed = Random(o_.common.seed, "dropout", step)();
    return prognosis_loss(net_->forward(x.to(device_)), truth_of(drawn), o_.loss);
  }

  Judgement judge() override {
    if (validation_.empty()) return {kNone, kNone};
    std::vector<torch::Tensor> grade, survival;
    std::vector<const PrognosisCase*> cases;
    std::vector<double> risk;
    for (const auto& c : validation_) {
      const auto heads = average_->forward(view_of(c.slice.input).squeeze(2).to(device_));
      grade.push_back(heads.grade);
      survival.push_back(heads.survival);
      cases.push_back(&c);
      const double said = heads.survival.item<double>();
      risk.push_back(o_.loss == PrognosisLoss::Cox ? said : -said);
    }
    const PrognosisHeads all{torch::cat(grade), torch::cat(survival)};
    return {prognosis_loss(all, truth_of(cases), o_.loss).item<double>(), concordance(risk, validation_)};
  }

 private:
  /// Who comes at a place of the endless row of passes, each over all patients in an order of its own.
  std::size_t case_at(std::uint64_t position) {
    const std::uint64_t n = training_.size(), pass = position / n;
    if (order_.empty() || pass != pass_) {
      order_.resize(n);
      std::iota(order_.begin(), order_.end(), std::size_t{0});
      Random random(o_.common.seed, "order", pass);
      for (std::size_t i = n - 1; i > 0; --i) std::swap(order_[i], order_[random.below(i + 1)]);
      pass_ = pass;
    }
    return order_[position % n];
  }

  [[nodiscard]] Sample sample(const TrainingCase& slice, std::uint64_t position) const {
    Random random(o_.common.seed, "sample", position);
    const auto& size = slice.input.size_zyx;
    std::array<double, 3> centre{0.5 * static_cast<double>(size[2] - 1), 0.5 * static_cast<double>(size[1] - 1), 0};
    if (o_.common.augmentation.enabled)
      for (std::size_t axis = 0; axis < 2; ++axis) centre[axis] += random.uniform(-o_.shift, o_.shift);
    return draw_sample(slice, centre, size, 1, o_.common.augmentation, random);
  }

  const std::vector<PrognosisCase>&training_, &validation_;
  const PrognosisTrainingOptions& o_;
  torch::Device device_;
  Resnet2d net_, average_;
  std::vector<std::size_t> order_;  ///< of the pass `pass_`
  std::uint64_t pass_ = 0;
};

void check_cases(const std::vector<PrognosisCase>& cases, const PrognosisTrainingOptions& o,
                 const std::array<std::int64_t, 3>& size) {
  for (const auto& c : cases) {
    if (c.slice.input.channels != o.network.in_channels || c.slice.input.size_zyx != size || size[0] != 1)
      throw unusable_input(
          "is not one axial slice of " + std::to_string(o.network.in_channels) + " channels, as large as the others",
          c.slice.id);
    if (timed(c) && !(c.time > 0)) throw unusable_input("has no time above 0", c.slice.id, "leave it out, or its time");
  }
}

void require_survival(const std::vector<PrognosisCase>& training, PrognosisLoss loss) {
  if (std::ranges::none_of(training, timed)) throw unusable_input("no patient has a survival time to learn from");
  if (loss == PrognosisLoss::Cox && std::ranges::none_of(training, [](const auto& c) { return timed(c) && c.event; }))
    throw unusable_input("no patient died: there is no partial likelihood to learn from");
}

double mean_log_time(const std::vector<PrognosisCase>& cases) {
  double sum = 0, n = 0;
  for (const auto& c : cases) {
    if (!timed(c)) continue;
    sum += std::log(c.time);
    ++n;
  }
  return sum / n;
}

}  // namespace

std::string_view loss_name(PrognosisLoss loss) noexcept { return loss == PrognosisLoss::Cox ? "cox" : "time"; }

PrognosisLoss parse_loss(const std::string& text) {
  for (const auto loss : {PrognosisLoss::Cox, PrognosisLoss::Time})
    if (text == loss_name(loss)) return loss;
  throw Error(ExitCode::WrongUse, "unknown loss '" + text + "'", {}, "use cox or time");
}

double risk_of(const PrognosisOutput& said, PrognosisLoss loss) noexcept {
  return loss == PrognosisLoss::Cox ? said.survival : -said.survival;
}

PrognosisTrainingOptions PrognosisTrainingOptions::preset(const std::string& name) {
  PrognosisTrainingOptions o;
  o.network = Resnet2dOptions::preset(name);
  o.common.augmentation = AugmentationOptions::slice();
  o.common.epochs = 40;
  o.common.batch = 16;
  if (name == "paper") {
    o.loss = PrognosisLoss::Time;
    o.common.epochs = 200;
    o.common.batch = 8;
    o.common.ema = 0;
  }
  return o;
}

TrainingResult train_prognosis(const std::vector<PrognosisCase>& training, const std::vector<PrognosisCase>& validation,
                               const PrognosisTrainingOptions& options, const TensorFile& initial,
                               const EpochCallback& on_epoch) {
  require_survival(training, options.loss);
  for (const auto* cases : {&training, &validation})
    check_cases(*cases, options, training.front().slice.input.size_zyx);
  PrognosisTrainingOptions o = options;
  o.common.batch = std::min(o.common.batch, static_cast<std::int64_t>(training.size()));
  o.common = with_steps(o.common, training.size());
  const double centre = o.loss == PrognosisLoss::Time ? mean_log_time(training) : 0;
  TensorFile start = initial;
  if (!start.tensors.empty()) {
    const auto value = static_cast<float>(centre);
    start.tensors["survival_centre"] = TensorData::from_float({1}, {&value, 1});
  }
  PrognosisTask task(training, validation, o, centre);
  return run_training(task, o.common, run_options(o, training, validation), start, on_epoch);
}

TensorFile initial_resnet2d_weights(const Resnet2dOptions& options, std::uint64_t seed) {
  Resnet2d net(options);
  return fresh_weights(*net, seed);
}

TensorFile weights_on_published(const Resnet2dOptions& options, std::uint64_t seed, const TensorFile& published) {
  if (options.base_width != Resnet2dOptions::kPublishedWidth || options.in_channels != 3)
    throw Error(ExitCode::WrongUse,
                "published weights are of a ResNet18 of width " + std::to_string(Resnet2dOptions::kPublishedWidth) +
                    " with 3 channels; the network has width " + std::to_string(options.base_width) + " and " +
                    std::to_string(options.in_channels) + " channels",
                {}, "take width 64 (preset paper), or no published weights");
  TensorFile file = initial_resnet2d_weights(options, seed);
  for (auto& [name, tensor] : file.tensors) {
    if (name.starts_with("grade.") || name.starts_with("survival")) continue;
    const TensorData& given = published.at(name);
    if (given.shape != tensor.shape)
      throw Error(ExitCode::MissingModel, "tensor '" + name + "' has another shape than ResNet18's", {},
                  "convert torchvision's resnet18 by tools/convert_resnet18.py");
    tensor = given;
  }
  return file;
}

}  // namespace gliocast::nn
