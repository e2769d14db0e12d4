#pragma once
#include <torch/torch.h>

namespace gliocast::nn {

/// L_Dice + L_BCE of the paper's Methods. L_Dice = 1 − 2|X·Y| / (|X|+|Y|) over the batch with X the softmax probability
/// of tumour; L_BCE the mean over voxels of −[Y log X + (1−Y) log(1−X)]. logits [N, 2, D, H, W], target [N, D, H, W] of
/// 0/1.
torch::Tensor dice_bce_loss(const torch::Tensor& logits, const torch::Tensor& target);

}  // namespace gliocast::nn
