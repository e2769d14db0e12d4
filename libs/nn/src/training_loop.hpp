#pragma once
// The loop that both trainings share.
#include <gliocast/core/json.hpp>
#include <gliocast/nn/training.hpp>

#include <torch/torch.h>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace gliocast::nn {

/// How a network does on the cases that were held out; NaN where none were.
struct Judgement {
  double loss = 0, score = 0;
  std::vector<double> training_regions{}, validation_regions{};  ///< see EpochRecord
};

/// What differs between the two trainings.
class TrainingTask {
 public:
  TrainingTask() = default;
  TrainingTask(const TrainingTask&) = delete;
  TrainingTask& operator=(const TrainingTask&) = delete;
  virtual ~TrainingTask() = default;

  /// The network that is trained, and another instance of it for the moving average of its weights.
  [[nodiscard]] virtual torch::nn::Module& network() = 0;
  [[nodiscard]] virtual torch::nn::Module& average() = 0;
  /// Loss of the batch of one step, with gradients. What is random is drawn from the seed and the step alone.
  [[nodiscard]] virtual torch::Tensor loss(std::uint64_t step) = 0;
  /// Judges the average, which is in evaluation mode, at the end of an epoch.
  [[nodiscard]] virtual Judgement judge() = 0;
  /// What a task remembers from step to step, for the checkpoint.
  [[nodiscard]] virtual Json memory() const { return nullptr; }
  virtual void remember(const Json& /*memory*/) {}
};

/// AdamW (Loshchilov & Hutter 2019) of a network's parameters; the decay spares those of one dimension: biases and
/// normalisation.
[[nodiscard]] torch::optim::AdamW make_optimizer(const torch::nn::Module& network, double weight_decay);
void set_learning_rate(torch::optim::AdamW& optimizer, double rate);

/// Starts from the seed, or from `initial` weights where there are any, on the device; then runs epochs of optimiser
/// steps: AdamW, the learning-rate rule, the moving average, judgement, best weights, curve, checkpoints that resume
/// exactly. `run_options`: what the training is bound to (run_options.hpp), for its checkpoint; options.steps_per_epoch
/// must be set.
[[nodiscard]] TrainingResult run_training(TrainingTask& task, const TrainingOptions& options, const Json& run_options,
                                          const TensorFile& initial, const EpochCallback& on_epoch);

/// The options with steps_per_epoch of one pass over so many cases where it was 0.
[[nodiscard]] TrainingOptions with_steps(TrainingOptions options, std::size_t cases);

/// Error{UnusableInput} naming a case that has another number of channels than the network takes.
void check_channels(const std::vector<TrainingCase>& cases, std::int64_t channels);

}  // namespace gliocast::nn
