#pragma once
// A training between two steps, as a file.
#include <gliocast/core/json.hpp>
#include <gliocast/nn/training.hpp>

#include <torch/torch.h>

#include <cstdint>
#include <filesystem>
#include <limits>
#include <vector>

namespace gliocast::nn {

/// Where a training stands, apart from its tensors.
struct TrainingProgress {
  std::int64_t epoch = 0;          ///< epochs that are done
  std::int64_t step_in_epoch = 0;  ///< steps of the one that is not
  std::uint64_t step = 0;          ///< steps in all
  std::int64_t best_epoch = 0;
  std::int64_t bad_epochs = 0;  ///< since the loss last fell or the rate was halved
  double factor = 1;            ///< of the learning rate
  double loss_sum = 0;          ///< over the steps of the epoch that is not done
  double minutes = 0;           ///< over all sittings
  double best_loss = std::numeric_limits<double>::infinity(), plateau_loss = std::numeric_limits<double>::infinity();
  Json memory;  ///< TrainingTask::memory
  std::vector<EpochRecord> curve;
};

/// What a training changes as it goes, to be written or read back.
struct TrainingState {
  torch::nn::Module &network, &average;
  torch::optim::AdamW& optimizer;  ///< of the network's parameters
  TrainingProgress& progress;
  TensorFile& best;  ///< weights of the best epoch
};

/// Writes a training in single precision, so that a resumed one equals an uninterrupted one. `options`: run_options.
/// Throws Error{CannotWrite}.
void write_checkpoint(const std::filesystem::path& path, const TrainingState& state, const Json& options);

/// Reads a training back. Throws Error{WrongUse} where it was begun with other options, naming each with both values;
/// Error{UnusableInput} where the file is damaged or of another kind.
void read_checkpoint(const std::filesystem::path& path, const TrainingState& state, const Json& options);

}  // namespace gliocast::nn
