#pragma once
#include "resnet2d_module.hpp"

#include <gliocast/nn/prognosis_training.hpp>

#include <torch/torch.h>

namespace gliocast::nn {

/// L_Dice + L_BCE of the paper's Methods. L_Dice = 1 − 2|X·Y| / (|X|+|Y|) over the batch with X the softmax probability
/// of tumour; L_BCE the mean over voxels of −[Y log X + (1−Y) log(1−X)]. logits [N, 2, D, H, W], target [N, D, H, W] of
/// 0/1.
torch::Tensor dice_bce_loss(const torch::Tensor& logits, const torch::Tensor& target);

/// Of nested regions: per sample and region L_Dice of the sigmoid + the mean cross-entropy over the voxels + that over
/// the hardest tenth of them; mean over regions, [N]. L_Dice = 1 − (2|X·Y| + s) / (|X|+|Y| + s): where the truth is
/// empty it falls to 0 as what is invented vanishes. The hardest tenth (Dice–TopK: Isensee 2021) keeps tumours that are
/// missed and inventions from drowning in the mean. logits, target [N, R, D, H, W]; target in [0, 1].
torch::Tensor regions_loss(const torch::Tensor& logits, const torch::Tensor& target);

/// Negative log partial likelihood of Cox, ties by Efron, over the number of events; 0 without one. log_hazard [N];
/// time, event (0 or 1) [N], double, on the CPU. Source: Efron 1977; Katzman 2018 (DeepSurv) for its use as a loss.
torch::Tensor cox_loss(const torch::Tensor& log_hazard, const torch::Tensor& time, const torch::Tensor& event);

/// What is true of a batch.
struct PrognosisTruth {
  torch::Tensor grade;        ///< 0 WHO II, 1 WHO III, −1 unknown; [N], int64
  torch::Tensor time, event;  ///< NaN unknown; died (1) or censored (0); [N], double, on the CPU
};

/// Cross-entropy of the grade + the survival's loss, each over the patients that have it; a task that none has adds 0.
torch::Tensor prognosis_loss(const PrognosisHeads& heads, const PrognosisTruth& truth, PrognosisLoss loss);

}  // namespace gliocast::nn
