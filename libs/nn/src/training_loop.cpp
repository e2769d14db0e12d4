#include "training_loop.hpp"

#include "blocks.hpp"
#include "checkpoint.hpp"
#include "torch_compat.hpp"
#include "weights.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/files.hpp>
#include <gliocast/core/interrupt.hpp>
#include <gliocast/core/random.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numbers>
#include <sstream>

namespace gliocast::nn {
namespace {

using Clock = std::chrono::steady_clock;

void write_curve(const std::filesystem::path& path, const std::vector<EpochRecord>& curve) {
  std::ostringstream out;
  out << "epoch\tlearning_rate\ttraining_loss\tvalidation_loss\tvalidation_score\tminutes";
  for (const char* which : {"training", "validation"})
    if (!curve.empty() && !curve.front().training_regions.empty())
      for (const char* region : {"whole", "core", "enhancing"}) out << '\t' << which << "_dice_" << region;
  out << '\n';
  for (const auto& r : curve) {
    out << r.epoch << '\t' << r.learning_rate << '\t' << r.training_loss << '\t' << r.validation_loss << '\t'
        << r.validation_score << '\t' << r.minutes;
    for (const auto* regions : {&r.training_regions, &r.validation_regions})
      for (const double dice : *regions) out << '\t' << dice;
    out << '\n';
  }
  write_text(path, out.str());
}

class TrainingLoop {
 public:
  TrainingLoop(TrainingTask& task, const TrainingOptions& options, const Json& run_options,
               const EpochCallback& on_epoch)
      : task_(task),
        o_(options),
        run_options_(run_options),
        on_epoch_(on_epoch),
        optimizer_(make_optimizer(task.network(), options.weight_decay)) {
    if (o_.steps_per_epoch < 1) throw Error(ExitCode::InternalFault, "steps per epoch not set");
    TensorFile start;
    save_module(task_.network(), start);
    load_module(task_.average(), start);
    if (o_.resume && writes() && std::filesystem::exists(checkpoint_path()))
      read_checkpoint(checkpoint_path(), state(), run_options_);
    task_.remember(p_.memory);
    started_ = saved_ = Clock::now();
    minutes_before_ = p_.minutes;
  }

  TrainingResult run() {
    bool finished = true;
    while (finished && p_.epoch < o_.epochs) finished = run_epoch();
    if (writes()) save();
    if (best_.tensors.empty()) save_module(task_.average(), best_);
    return {.curve = p_.curve, .weights = best_, .best_epoch = p_.best_epoch, .finished = finished};
  }

 private:
  [[nodiscard]] bool writes() const { return !o_.folder.empty(); }
  [[nodiscard]] std::filesystem::path checkpoint_path() const { return o_.folder / "checkpoint.safetensors"; }
  [[nodiscard]] TrainingState state() { return {task_.network(), task_.average(), optimizer_, p_, best_}; }
  [[nodiscard]] double minutes_now() const {
    return minutes_before_ + std::chrono::duration<double>(Clock::now() - started_).count() / 60;
  }

  void save() {
    p_.minutes = minutes_now();
    p_.memory = task_.memory();
    write_checkpoint(checkpoint_path(), state(), run_options_);
    saved_ = Clock::now();
  }

  [[nodiscard]] double learning_rate() const {
    if (o_.cosine_floor <= 0) return o_.learning_rate * p_.factor;
    const double part = static_cast<double>(p_.epoch * o_.steps_per_epoch + p_.step_in_epoch) /
                        static_cast<double>(o_.epochs * o_.steps_per_epoch);
    return o_.learning_rate * (o_.cosine_floor + (1 - o_.cosine_floor) * 0.5 * (1 + std::cos(std::numbers::pi * part)));
  }

  /// False where the time is over or a stop was asked for; the checkpoint then holds the middle of the epoch.
  bool run_epoch() {
    task_.network().train();
    while (p_.step_in_epoch < o_.steps_per_epoch) {
      if (interrupt_requested() || (o_.max_minutes > 0 && minutes_now() >= o_.max_minutes)) return false;
      run_step();
      if (writes() && Clock::now() - saved_ > std::chrono::duration<double>(60 * o_.checkpoint_minutes)) save();
    }
    finish_epoch();
    return true;
  }

  void run_step() {
    set_learning_rate(optimizer_, learning_rate());
    optimizer_.zero_grad();
    const auto loss = task_.loss(p_.step);
    loss.backward();
    optimizer_.step();
    p_.loss_sum += loss.item<double>();
    ++p_.step;
    ++p_.step_in_epoch;
    update_average();
  }

  /// Moving average of weights and batch statistics; short at the start, so that the first epochs are not the initial
  /// weights.
  void update_average() {
    torch::NoGradGuard no_grad;
    const double t = static_cast<double>(p_.step);
    const double decay = std::min(o_.ema, (1 + t) / (10 + t));
    const auto mix = [&](auto from, auto to) {
      for (auto& item : to) {
        const auto& source = from[item.key()];
        if (!item.value().is_floating_point()) continue;
        if (o_.ema > 0)
          item.value().lerp_(source, 1 - decay);
        else
          item.value().copy_(source);
      }
    };
    mix(task_.network().named_parameters(), task_.average().named_parameters());
    mix(task_.network().named_buffers(), task_.average().named_buffers());
  }

  [[nodiscard]] Judgement judge() {
    torch::NoGradGuard no_grad;
    task_.average().eval();
    return task_.judge();
  }

  void finish_epoch() {
    EpochRecord record;
    record.epoch = p_.epoch + 1;
    record.learning_rate = learning_rate();
    record.training_loss = p_.loss_sum / static_cast<double>(o_.steps_per_epoch);
    Judgement judgement = judge();
    record.validation_loss = judgement.loss;
    record.validation_score = judgement.score;
    record.training_regions = std::move(judgement.training_regions);
    record.validation_regions = std::move(judgement.validation_regions);
    p_.minutes = record.minutes = minutes_now();
    keep_if_best(record);
    p_.curve.push_back(record);
    ++p_.epoch;
    p_.step_in_epoch = 0;
    p_.loss_sum = 0;
    if (writes()) write_curve(o_.folder / "curve.tsv", p_.curve);
    if (on_epoch_) on_epoch_(record);
  }

  /// Keeps the average of the lowest loss (where nothing is held out the latest), and halves the rate on a plateau.
  void keep_if_best(const EpochRecord& record) {
    const bool validated = std::isfinite(record.validation_loss);
    const double judged = validated ? record.validation_loss : record.training_loss;
    if (judged < p_.best_loss || !validated || o_.keep_last) {
      p_.best_loss = judged;
      p_.best_epoch = record.epoch;
      best_ = {};
      save_module(task_.average(), best_);
    }
    if (judged < p_.plateau_loss) {
      p_.plateau_loss = judged;
      p_.bad_epochs = 0;
    } else if (++p_.bad_epochs >= o_.patience) {
      p_.factor /= 2;
      p_.bad_epochs = 0;
    }
  }

  TrainingTask& task_;
  const TrainingOptions& o_;
  const Json& run_options_;
  const EpochCallback& on_epoch_;
  torch::optim::AdamW optimizer_;
  TrainingProgress p_;
  TensorFile best_;
  Clock::time_point started_, saved_;
  double minutes_before_ = 0;
};

}  // namespace

torch::optim::AdamW make_optimizer(const torch::nn::Module& network, double weight_decay) {
  std::vector<torch::Tensor> weights, others;
  for (const auto& p : network.parameters()) {
    if (p.dim() > 1)
      weights.push_back(p);
    else
      others.push_back(p);
  }
  std::vector<torch::optim::OptimizerParamGroup> groups;
  groups.emplace_back(weights, std::make_unique<torch::optim::AdamWOptions>());
  groups.emplace_back(others, std::make_unique<torch::optim::AdamWOptions>());
  static_cast<torch::optim::AdamWOptions&>(groups[0].options()).weight_decay(weight_decay);
  static_cast<torch::optim::AdamWOptions&>(groups[1].options()).weight_decay(0);
  return torch::optim::AdamW(std::move(groups));
}

void set_learning_rate(torch::optim::AdamW& optimizer, double rate) {
  for (auto& group : optimizer.param_groups()) static_cast<torch::optim::AdamWOptions&>(group.options()).lr(rate);
}

TrainingResult run_training(TrainingTask& task, const TrainingOptions& options, const Json& run_options,
                            const TensorFile& initial, const EpochCallback& on_epoch) {
  initialise(task.network(), options.seed);
  if (!initial.tensors.empty()) load_module(task.network(), initial);
  for (torch::nn::Module* network : {&task.network(), &task.average()}) network->to(torch_device(options.device));
  return TrainingLoop(task, options, run_options, on_epoch).run();
}

TrainingOptions with_steps(TrainingOptions o, std::size_t cases) {
  if (o.steps_per_epoch <= 0)
    o.steps_per_epoch = std::max<std::int64_t>(1, (static_cast<std::int64_t>(cases) + o.batch - 1) / o.batch);
  return o;
}

void check_channels(const std::vector<TrainingCase>& cases, std::int64_t channels) {
  for (const auto& c : cases)
    if (c.input.channels != channels)
      throw unusable_input(
          "has " + std::to_string(c.input.channels) + " channels, the network takes " + std::to_string(channels), c.id);
}

}  // namespace gliocast::nn
