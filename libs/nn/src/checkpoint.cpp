#include "checkpoint.hpp"

#include "weights.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/interrupt.hpp>
#include <gliocast/core/json.hpp>
#include <gliocast/core/numbers.hpp>

#include <chrono>
#include <cmath>
#include <fstream>
#include <limits>
#include <numbers>

namespace gliocast::nn {
namespace {

/// Everything of a run that is not a tensor.
struct Progress {
  std::int64_t epoch = 0, step_in_epoch = 0, best_epoch = 0, bad_epochs = 0;
  std::uint64_t step = 0;
  double factor = 1, loss_sum = 0, minutes = 0;
  double best_loss = std::numeric_limits<double>::infinity(), plateau_loss = std::numeric_limits<double>::infinity();
  std::vector<EpochRecord> curve;
};

/// Doubles as JSON that reads back exactly, infinity as null.
/// The best loss of no epoch is infinite.
double number_or_infinity(const Json& j) {
  return j.is_null() ? std::numeric_limits<double>::infinity() : j.get<double>();
}

std::string to_text(const Progress& p) {
  Json curve = Json::array();
  for (const auto& r : p.curve)
    curve.push_back({r.epoch, r.learning_rate, r.training_loss, r.validation_loss, r.validation_score, r.minutes});
  return Json{{"epoch", p.epoch},
              {"step_in_epoch", p.step_in_epoch},
              {"best_epoch", p.best_epoch},
              {"bad_epochs", p.bad_epochs},
              {"step", p.step},
              {"factor", p.factor},
              {"loss_sum", p.loss_sum},
              {"minutes", p.minutes},
              {"best_loss", finite_or_null(p.best_loss)},
              {"plateau_loss", finite_or_null(p.plateau_loss)},
              {"curve", curve}}
      .dump();
}

Progress from_text(const std::string& text) {
  const Json j = Json::parse(text);
  Progress p;
  p.epoch = j.at("epoch"), p.step_in_epoch = j.at("step_in_epoch"), p.best_epoch = j.at("best_epoch"),
  p.bad_epochs = j.at("bad_epochs"), p.step = j.at("step");
  p.factor = j.at("factor"), p.loss_sum = j.at("loss_sum"), p.minutes = j.at("minutes");
  p.best_loss = number_or_infinity(j.at("best_loss")), p.plateau_loss = number_or_infinity(j.at("plateau_loss"));
  for (const auto& r : j.at("curve")) p.curve.push_back({r[0], r[1], r[2], r[3], r[4], r[5]});
  return p;
}

class TrainingRun {
 public:
  TrainingRun(torch::nn::Module& network, torch::nn::Module& average, const TrainingTask& task,
              const TrainingOptions& options, const EpochCallback& on_epoch)
      : network_(network), average_(average), task_(task), o_(options), on_epoch_(on_epoch), adam_(network) {
    if (o_.steps_per_epoch < 1) throw Error(ExitCode::InternalFault, "steps per epoch not set");
    TensorFile start;
    save_module(network_, start);
    load_module(average_, start);
    if (!o_.folder.empty()) std::filesystem::create_directories(o_.folder);
    if (o_.resume && !o_.folder.empty() && std::filesystem::exists(checkpoint_path())) load();
    started_ = saved_ = std::chrono::steady_clock::now();
    minutes_before_ = p_.minutes;
  }

  TrainingResult run() {
    bool finished = true;
    while (p_.epoch < o_.epochs) {
      if (!run_epoch()) {
        finished = false;
        break;
      }
    }
    if (!o_.folder.empty()) save();
    TrainingResult result;
    result.curve = p_.curve;
    result.best_epoch = p_.best_epoch;
    result.finished = finished;
    if (best_.tensors.empty()) save_module(average_, best_);
    result.weights = best_;
    return result;
  }

 private:
  [[nodiscard]] std::filesystem::path checkpoint_path() const { return o_.folder / "checkpoint.safetensors"; }
  [[nodiscard]] double minutes_now() const {
    return minutes_before_ + std::chrono::duration<double>(std::chrono::steady_clock::now() - started_).count() / 60;
  }

  [[nodiscard]] double learning_rate() const {
    if (o_.cosine_floor <= 0) return o_.learning_rate * p_.factor;
    const double part = static_cast<double>(p_.epoch * o_.steps_per_epoch + p_.step_in_epoch) /
                        static_cast<double>(o_.epochs * o_.steps_per_epoch);
    return o_.learning_rate * (o_.cosine_floor + (1 - o_.cosine_floor) * 0.5 * (1 + std::cos(std::numbers::pi * part)));
  }

  /// False where the time is over or a stop was asked for; the checkpoint then holds the middle of the epoch.
  bool run_epoch() {
    network_.train();
    while (p_.step_in_epoch < o_.steps_per_epoch) {
      if (interrupt_requested() || (o_.max_minutes > 0 && minutes_now() >= o_.max_minutes)) return false;
      adam_.zero_grad();
      const auto loss = task_.loss(p_.step);
      loss.backward();
      adam_.step(learning_rate(), o_.weight_decay);
      p_.loss_sum += loss.item<double>();
      ++p_.step;
      ++p_.step_in_epoch;
      update_average();
      if (!o_.folder.empty() &&
          std::chrono::steady_clock::now() - saved_ > std::chrono::duration<double>(60 * o_.checkpoint_minutes))
        save();
    }
    finish_epoch();
    return true;
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
    mix(network_.named_parameters(), average_.named_parameters());
    mix(network_.named_buffers(), average_.named_buffers());
  }

  void finish_epoch() {
    EpochRecord record;
    record.epoch = p_.epoch + 1;
    record.learning_rate = learning_rate();
    record.training_loss = p_.loss_sum / static_cast<double>(o_.steps_per_epoch);
    {
      torch::NoGradGuard no_grad;
      average_.eval();
      std::tie(record.validation_loss, record.validation_score) = task_.validate(average_);
    }
    p_.minutes = record.minutes = minutes_now();
    const bool validated =
        std::isfinite(record.validation_loss);  // without validation cases the latest weights are kept
    const double judged = validated ? record.validation_loss : record.training_loss;
    if (judged < p_.best_loss || !validated || o_.keep_last) {
      p_.best_loss = judged;
      p_.best_epoch = record.epoch;
      best_ = {};
      save_module(average_, best_);
    }
    if (judged < p_.plateau_loss) {
      p_.plateau_loss = judged;
      p_.bad_epochs = 0;
    } else if (++p_.bad_epochs >= o_.patience) {
      p_.factor /= 2;
      p_.bad_epochs = 0;
    }
    p_.curve.push_back(record);
    ++p_.epoch;
    p_.step_in_epoch = 0;
    p_.loss_sum = 0;
    if (!o_.folder.empty()) write_curve();
    if (on_epoch_) on_epoch_(record);
  }

  void write_curve() const {
    std::ofstream out(o_.folder / "curve.tsv.tmp");
    out << "epoch\tlearning_rate\ttraining_loss\tvalidation_loss\tvalidation_score\tminutes\n";
    for (const auto& r : p_.curve)
      out << r.epoch << '\t' << r.learning_rate << '\t' << r.training_loss << '\t' << r.validation_loss << '\t'
          << r.validation_score << '\t' << r.minutes << '\n';
    out.close();
    std::filesystem::rename(o_.folder / "curve.tsv.tmp", o_.folder / "curve.tsv");
  }

  void save() {
    p_.minutes = minutes_now();
    TensorFile file;
    save_module(network_, file, "network.");
    save_module(average_, file, "average.");
    adam_.save(file);
    for (const auto& [name, tensor] : best_.tensors) file.tensors["best." + name] = tensor;
    file.metadata["progress"] = to_text(p_);
    write_safetensors(checkpoint_path(), file);
    saved_ = std::chrono::steady_clock::now();
  }

  void load() {
    const TensorFile file = read_safetensors(checkpoint_path());
    try {
      p_ = from_text(file.metadata.at("progress"));
      load_module(network_, file, "network.");
      load_module(average_, file, "average.");
      adam_.load(file);
    } catch (const std::exception& e) {
      throw unusable_input(std::string("the checkpoint belongs to another training: ") + e.what(),
                           checkpoint_path().string(), "remove it or give another --out");
    }
    for (const auto& [name, tensor] : file.tensors)
      if (name.starts_with("best.")) best_.tensors[name.substr(5)] = tensor;
  }

  torch::nn::Module& network_;
  torch::nn::Module& average_;
  const TrainingTask& task_;
  const TrainingOptions& o_;
  const EpochCallback& on_epoch_;
  Adam adam_;
  Progress p_;
  TensorFile best_;
  std::chrono::steady_clock::time_point started_, saved_;
  double minutes_before_ = 0;
};

}  // namespace

TrainingResult run_training(torch::nn::Module& network, torch::nn::Module& average, const TrainingTask& task,
                            const TrainingOptions& options, const EpochCallback& on_epoch) {
  return TrainingRun(network, average, task, options, on_epoch).run();
}

}  // namespace gliocast::nn
