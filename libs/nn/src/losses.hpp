#pragma once
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

}  // namespace gliocast::nn
