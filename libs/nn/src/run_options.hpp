#pragma once
// The options that a training is bound to: with others, its numbers would be another training's.
#include <gliocast/core/json.hpp>
#include <gliocast/nn/prognosis_training.hpp>
#include <gliocast/nn/training.hpp>

#include <string>
#include <vector>

namespace gliocast::nn {

/// By the options' names; nested for the network and the augmentation. How long a training runs, where, and on which
/// device may change between sittings and is not among them (the number of epochs is where the learning rate depends on
/// it). The patients are among them: another cohort, split or fold is another training.
[[nodiscard]] Json run_options(const SegmentationTrainingOptions& options, const std::vector<TrainingCase>& training,
                               const std::vector<TrainingCase>& validation);
[[nodiscard]] Json run_options(const GradingTrainingOptions& options, const std::vector<TrainingCase>& training,
                               const std::vector<TrainingCase>& validation);
[[nodiscard]] Json run_options(const PrognosisTrainingOptions& options, const std::vector<PrognosisCase>& training,
                               const std::vector<PrognosisCase>& validation);

/// Which options differ, with both values: "seed 1, now 2; network.widths [4,8], now [8,16]". Empty where none does.
[[nodiscard]] std::string differing_options(const Json& then, const Json& now);

}  // namespace gliocast::nn
