#pragma once
// What trainings say of themselves, as they run and in their bundles.
#include <gliocast/core/json.hpp>
#include <gliocast/core/run_key.hpp>
#include <gliocast/nn/training.hpp>

#include <cstddef>
#include <string>

namespace gliocast::pipeline {

/// Tells each epoch's losses and score on the console, behind `part` ("fold 2, ").
[[nodiscard]] nn::EpochCallback tell_epochs(const std::string& part, const std::string& score_name);

/// What a network's bundle holds of its training.
[[nodiscard]] Json training_record(const nn::TrainingOptions& options, const std::string& data, std::size_t patients,
                                   std::size_t epochs);

/// Adds the options that change a network's weights, whatever the network.
void add_training(RunKey& key, const nn::TrainingOptions& options);

}  // namespace gliocast::pipeline
