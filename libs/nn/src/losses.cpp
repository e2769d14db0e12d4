#include "losses.hpp"

#include <algorithm>

namespace gliocast::nn {

torch::Tensor dice_bce_loss(const torch::Tensor& logits, const torch::Tensor& target) {
  const auto margin = logits.select(1, 1) - logits.select(1, 0);  // log odds of tumour
  const auto probability = torch::sigmoid(margin);
  const auto overlap = (probability * target).sum();
  const auto dice = 1 - (2 * overlap + 1) / (probability.sum() + target.sum() + 1);
  return dice + torch::binary_cross_entropy_with_logits(margin, target);
}

torch::Tensor regions_loss(const torch::Tensor& logits, const torch::Tensor& target) {
  constexpr double kSmooth = 20;  // voxels; of the smallest tumour that is marked at 2 mm: 25
  const auto x = logits.flatten(2), y = target.flatten(2);
  const auto p = torch::sigmoid(x);
  const auto dice = 1 - (2 * (p * y).sum(2) + kSmooth) / (p.sum(2) + y.sum(2) + kSmooth);
  const auto entropy = torch::binary_cross_entropy_with_logits(x, y, {}, {}, at::Reduction::None);
  const auto hardest = std::get<0>(entropy.topk(std::max<int64_t>(1, entropy.size(2) / 10), 2, true, false));
  return (dice + entropy.mean(2) + hardest.mean(2)).mean(1);
}

}  // namespace gliocast::nn
