#include "checkpoint.hpp"

#include "run_options.hpp"
#include "torch_compat.hpp"
#include "weights.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/numbers.hpp>

#include <memory>
#include <string>

namespace gliocast::nn {
namespace {

/// The best loss of no epoch is infinite.
double number_or_infinity(const Json& j) {
  return j.is_null() ? std::numeric_limits<double>::infinity() : j.get<double>();
}

std::string to_text(const TrainingProgress& p) {
  Json curve = Json::array();
  for (const auto& r : p.curve)
    curve.push_back({r.epoch, r.learning_rate, r.training_loss, r.validation_loss, r.validation_score, r.minutes,
                     r.training_regions, r.validation_regions});
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
              {"memory", p.memory},
              {"curve", curve}}
      .dump();
}

TrainingProgress from_text(const std::string& text) {
  const Json j = Json::parse(text);
  TrainingProgress p;
  p.epoch = j.at("epoch");
  p.step_in_epoch = j.at("step_in_epoch");
  p.best_epoch = j.at("best_epoch");
  p.bad_epochs = j.at("bad_epochs");
  p.step = j.at("step");
  p.factor = j.at("factor");
  p.loss_sum = j.at("loss_sum");
  p.minutes = j.at("minutes");
  p.best_loss = number_or_infinity(j.at("best_loss"));
  p.plateau_loss = number_or_infinity(j.at("plateau_loss"));
  p.memory = j.at("memory");
  const auto numbers = [](const Json& list) {
    std::vector<double> out;
    for (const auto& x : list) out.push_back(number_or_nan(x));
    return out;
  };
  // Losses of an epoch without held-out cases are NaN, which JSON has as null.
  for (const auto& r : j.at("curve"))
    p.curve.push_back({r.at(0), r.at(1), r.at(2), number_or_nan(r.at(3)), number_or_nan(r.at(4)), r.at(5),
                       numbers(r.at(6)), numbers(r.at(7))});
  return p;
}

/// The optimiser's moments of each parameter; zeros of one that has had no gradient yet.
void save_optimizer(torch::nn::Module& network, torch::optim::AdamW& optimizer, TensorFile& file) {
  std::int64_t steps = 0;
  for (const auto& item : network.named_parameters()) {
    const auto* moments = static_cast<torch::optim::AdamWParamState*>(optimizer_state(optimizer, item.value()).get());
    const auto zeros = moments == nullptr ? torch::zeros_like(item.value()) : torch::Tensor();
    file.tensors["adam.mean." + item.key()] = from_tensor(moments == nullptr ? zeros : moments->exp_avg());
    file.tensors["adam.square." + item.key()] = from_tensor(moments == nullptr ? zeros : moments->exp_avg_sq());
    if (moments != nullptr) steps = moments->step();
  }
  file.metadata["adam_steps"] = std::to_string(steps);
}

void load_optimizer(torch::nn::Module& network, torch::optim::AdamW& optimizer, const TensorFile& file) {
  const std::int64_t steps = std::stoll(file.metadata.at("adam_steps"));
  for (const auto& item : network.named_parameters()) {
    const auto like = [&](const std::string& kind) {
      const auto stored = to_tensor(file.at("adam." + kind + "." + item.key()));
      if (stored.sizes() != item.value().sizes())
        throw Error(ExitCode::MissingModel, "tensor 'adam." + kind + "." + item.key() + "' has another shape");
      return stored.to(item.value().device());
    };
    auto moments = std::make_unique<torch::optim::AdamWParamState>();
    moments->step(steps);
    moments->exp_avg(like("mean"));
    moments->exp_avg_sq(like("square"));
    optimizer_state(optimizer, item.value()) = std::move(moments);
  }
}

void refuse_other_options(const TensorFile& file, const Json& options, const std::filesystem::path& path) {
  const auto then = file.metadata.find("options");
  if (then == file.metadata.end()) throw unusable_input("it does not say its options, as those of earlier versions");
  const std::string differing = differing_options(Json::parse(then->second), options);
  if (!differing.empty())
    throw Error(ExitCode::WrongUse, "the training was begun with other options: " + differing, path.string(),
                "resume it with its own options, or give another --out");
}

}  // namespace

void write_checkpoint(const std::filesystem::path& path, const TrainingState& state, const Json& options) {
  TensorFile file;
  save_module(state.network, file, "network.");
  save_module(state.average, file, "average.");
  save_optimizer(state.network, state.optimizer, file);
  for (const auto& [name, tensor] : state.best.tensors) file.tensors["best." + name] = tensor;
  file.metadata["progress"] = to_text(state.progress);
  file.metadata["options"] = options.dump();
  write_safetensors(path, file);
}

void read_checkpoint(const std::filesystem::path& path, const TrainingState& state, const Json& options) {
  const TensorFile file = read_safetensors(path);
  const auto foreign = [&](const std::exception& e) {
    return unusable_input(std::string("the checkpoint belongs to another training: ") + e.what(), path.string(),
                          "remove it or give another --out");
  };
  try {
    refuse_other_options(file, options, path);
    state.progress = from_text(file.metadata.at("progress"));
    load_module(state.network, file, "network.");
    load_module(state.average, file, "average.");
    load_optimizer(state.network, state.optimizer, file);
  } catch (const Error& e) {
    if (e.code() == ExitCode::WrongUse) throw;
    throw foreign(e);
  } catch (const std::exception& e) {
    throw foreign(e);
  }
  for (const auto& [name, tensor] : file.tensors)
    if (name.starts_with("best.")) state.best.tensors[name.substr(5)] = tensor;
}

}  // namespace gliocast::nn
