#pragma once
#include <gliocast/nn/prognosis_network.hpp>
#include <gliocast/nn/training.hpp>

#include <array>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace gliocast::nn {

/// A patient for the prognosis network. Who lacks grade or time trains the other task alone.
struct PrognosisCase {
  TrainingCase slice;  ///< one axial slice, from tumour_slice; its `grade` is not used
  int who_grade = -1;  ///< 0: WHO II, 1: WHO III, −1: unknown
  double time = std::numeric_limits<double>::quiet_NaN();  ///< survival or last visit, > 0, any one unit; NaN: unknown
  bool event = false;                                      ///< died at `time`; else censored
};

/// What the survival head learns, beside the grade by cross-entropy; the two losses count alike.
enum class PrognosisLoss {
  Cox,  ///< log hazard, by the negative Cox partial likelihood of the batch
  Time  ///< log survival time, by the smooth L1 distance: a censored time counts as a death (Xu 2022)
};
/// "cox", "time".
[[nodiscard]] std::string_view loss_name(PrognosisLoss loss) noexcept;
/// Throws Error{WrongUse} for other words.
[[nodiscard]] PrognosisLoss parse_loss(const std::string& text);

/// Higher in who dies first: the log hazard, or minus the log time.
[[nodiscard]] double risk_of(const PrognosisOutput& said, PrognosisLoss loss) noexcept;

struct PrognosisTrainingOptions {
  TrainingOptions common;
  Resnet2dOptions network;
  PrognosisLoss loss = PrognosisLoss::Cox;
  double shift = 8;              ///< voxels along each axis, uniform within ±
  std::string start = "random";  ///< where the weights begin: "random", or a name and checksum of the file

  /// Batch 16 and 40 epochs, so that a batch's risk sets say something. "paper": width 64, batch 8, 200 epochs, loss
  /// `time`, no moving average. Throws Error{WrongUse}.
  [[nodiscard]] static PrognosisTrainingOptions preset(const std::string& name);
};

/// Fits the 2-D ResNet18 on two tasks with shared weights. Every patient comes once before any comes again. Judged by
/// the loss and Harrell's C of those held out. Throws Error{UnusableInput} where a case is no slice of the network's
/// channels, no patient has a time, or, for `cox`, none died.
[[nodiscard]] TrainingResult train_prognosis(const std::vector<PrognosisCase>& training,
                                             const std::vector<PrognosisCase>& validation,
                                             const PrognosisTrainingOptions& options, const TensorFile& initial = {},
                                             const EpochCallback& on_epoch = {});

/// Freshly initialised weights (He).
[[nodiscard]] TensorFile initial_resnet2d_weights(const Resnet2dOptions& options, std::uint64_t seed);

/// The same with the layers before the pool from a file of torchvision's resnet18 (tools/convert_resnet18.py). Throws
/// Error{WrongUse} where the network has another width or number of channels, Error{MissingModel} where the file lacks
/// a tensor or has one of another shape.
[[nodiscard]] TensorFile weights_on_published(const Resnet2dOptions& options, std::uint64_t seed,
                                              const TensorFile& published);

}  // namespace gliocast::nn
