#pragma once
#include "optimizer.hpp"

#include <gliocast/nn/training.hpp>

#include <functional>

namespace gliocast::nn {

/// What differs between the two trainings: how a step's loss is made and how the network is judged.
struct TrainingTask {
  std::function<torch::Tensor(std::uint64_t step)> loss;  ///< loss of the batch of one step, with gradients
  std::function<std::pair<double, double>(torch::nn::Module&)>
      validate;  ///< (loss, score) of a network in evaluation mode
};

/// The loop that both trainings share: Adam, the learning-rate rule, the moving average, validation, best weights,
/// curves, checkpoints that resume exactly. `network` is trained in place; `average` is another instance of the same
/// network, which holds the moving average (or a copy).
TrainingResult run_training(torch::nn::Module& network, torch::nn::Module& average, const TrainingTask& task,
                            const TrainingOptions& options, const EpochCallback& on_epoch);

}  // namespace gliocast::nn
