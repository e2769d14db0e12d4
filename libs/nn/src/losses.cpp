#include "losses.hpp"

namespace gliocast::nn {

torch::Tensor dice_bce_loss(const torch::Tensor& logits, const torch::Tensor& target) {
  const auto margin = logits.select(1, 1) - logits.select(1, 0);  // log odds of tumour
  const auto probability = torch::sigmoid(margin);
  const auto overlap = (probability * target).sum();
  const auto dice = 1 - (2 * overlap + 1) / (probability.sum() + target.sum() + 1);
  return dice + torch::binary_cross_entropy_with_logits(margin, target);
}

}  // namespace gliocast::nn
