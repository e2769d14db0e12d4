#pragma once
#include <gliocast/nn/augmentation.hpp>
#include <gliocast/nn/cropping.hpp>
#include <gliocast/nn/device.hpp>
#include <gliocast/nn/network_options.hpp>
#include <gliocast/nn/safetensors.hpp>

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace gliocast::nn {

/// How a network is fitted; an epoch is `steps_per_epoch` optimiser steps.
struct TrainingOptions {
  std::int64_t epochs = 200;
  std::int64_t steps_per_epoch = 0;  ///< 0: one pass over the training cases
  std::int64_t batch = 2;
  double learning_rate = 5e-4;
  double weight_decay = 0;     ///< decoupled (AdamW), per step times the learning rate
  std::int64_t patience = 10;  ///< epochs without better validation loss (training loss where nothing is held out)
                               ///< before the rate is halved
  double cosine_floor = 0;     ///< > 0: cosine decay to this part of the rate over `epochs`, instead of halving
  double ema = 0.99;           ///< moving average of the weights, which is validated and kept; 0 = off (the paper)
  bool keep_last = false;      ///< keep the last epoch's weights, not those of the best validation loss: for
                               ///< cross-validation, where the held-out patients must not choose
  double max_minutes = 0;      ///< stop (with a checkpoint) after this much time in all; 0 = no limit
  double checkpoint_minutes = 5;
  std::uint64_t seed = 1;
  Device device = Device::Cpu;
  AugmentationOptions augmentation;
  std::filesystem::path folder;  ///< checkpoint.safetensors (it holds the kept weights too) and curve.tsv go here;
                                 ///< empty: nothing is written
  bool resume = true;            ///< go on from folder/checkpoint.safetensors where it is there
};

/// One line of the validation curve.
struct EpochRecord {
  std::int64_t epoch = 0;
  double learning_rate = 0, training_loss = 0, validation_loss = 0;
  double validation_score = 0;  ///< mean Dice, or AUC
  double minutes = 0;           ///< training time so far, over all sittings
  /// Of nested regions, mean Dice of each: of the training windows that show it, and of the held-out cases.
  std::vector<double> training_regions{}, validation_regions{};
};

struct TrainingResult {
  std::vector<EpochRecord> curve;
  TensorFile weights;           ///< of `best_epoch`; the averaged ones where no epoch was finished
  std::int64_t best_epoch = 0;  ///< of the lowest validation loss; the last with keep_last or nothing held out
  bool finished = true;         ///< false: the time limit or an interrupt came first; run again to go on
};

using EpochCallback = std::function<void(const EpochRecord&)>;

struct SegmentationTrainingOptions {
  TrainingOptions common;
  UnetOptions network;
  TumourTarget target = TumourTarget::Whole;
  std::array<std::int64_t, 3> patch_zyx{64, 80, 64};  ///< samples of a training window
  double tumour_centred = 0.6;                        ///< part of the windows that are centred near a tumour voxel
  double tumour_free = 0;  ///< part of the samples whose tumour was replaced by the other side, most with lesions
  double synthetic = 0;    ///< part of the samples that are painted from tissue classes with random contrasts
  // Of nested regions alone:
  std::int64_t auxiliary_levels = 0;  ///< levels that get a loss of their own (deep supervision)
  double hard_cases = 0;              ///< part of the samples that are drawn by the cases' recent loss

  /// What preset `real` sets: FLAIR, nested regions, strong augmentation, all of the above.
  [[nodiscard]] static SegmentationTrainingOptions real();
};

/// Fits the U-Net with Dice + cross-entropy. `initial` (may be empty) starts from earlier weights: those of a network
/// of fewer channels (what is new begins at 0) or with the other head (its regions begin as that one's tumour) too.
/// Seeded: the same call gives the same result on one machine and thread count, and a run that was stopped and resumed
/// gives what an uninterrupted one gives.
[[nodiscard]] TrainingResult train_segmentation(const std::vector<TrainingCase>& training,
                                                const std::vector<TrainingCase>& validation,
                                                const SegmentationTrainingOptions& options,
                                                const TensorFile& initial = {}, const EpochCallback& on_epoch = {});

struct GradingTrainingOptions {
  TrainingOptions common;
  ResnetOptions network;
  std::array<std::int64_t, 3> patch_zyx{48, 64, 48};  ///< samples: 96×128×96 mm at 2 mm
  double step = 1;                                    ///< voxels of the case per sample
  double centre_jitter = 3;                           ///< voxels, uniform within ±
  GradingInput input = GradingInput::Patch;

  /// The network of a preset, ResnetOptions::preset(), and the patch that goes with it.
  void take_preset(const std::string& name);
};

/// Fits the ResNet end to end as a classifier LGG/HGG, the classes weighted to count alike. Cases must have a grade and
/// a tumour.
[[nodiscard]] TrainingResult train_grading(const std::vector<TrainingCase>& training,
                                           const std::vector<TrainingCase>& validation,
                                           const GradingTrainingOptions& options, const TensorFile& initial = {},
                                           const EpochCallback& on_epoch = {});

/// The patch of a case as prediction cuts it, without augmentation. Error{UnusableInput} where the case has no tumour.
[[nodiscard]] NetworkInput grading_patch(const TrainingCase& c, const std::array<std::int64_t, 3>& size_zyx,
                                         double step, GradingInput input = GradingInput::Patch);

/// Freshly initialised weights (He), e.g. to export a network or for tests.
[[nodiscard]] TensorFile initial_unet_weights(const UnetOptions& options, std::uint64_t seed);
[[nodiscard]] TensorFile initial_resnet_weights(const ResnetOptions& options, std::uint64_t seed);

/// 2|X·Y| / (|X|+|Y|); 1 where both are empty.
[[nodiscard]] double dice(const std::vector<std::uint8_t>& a, const std::vector<std::uint8_t>& b);

/// A copy with all floating-point tensors in half precision, for shipping.
[[nodiscard]] TensorFile to_half(const TensorFile& weights);

}  // namespace gliocast::nn
