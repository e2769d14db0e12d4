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

torch::Tensor cox_loss(const torch::Tensor& log_hazard, const torch::Tensor& time, const torch::Tensor& event) {
  const auto deaths = torch::nonzero(event > 0).squeeze(1);
  if (deaths.numel() == 0) return log_hazard.sum() * 0;
  const auto device = log_hazard.device();
  const auto death_time = time.index_select(0, deaths).unsqueeze(1);  // [D, 1]
  const auto at_risk = (time.unsqueeze(0) >= death_time).to(torch::kDouble);
  const auto tied = ((time.unsqueeze(0) == death_time) & (event > 0).unsqueeze(0)).to(torch::kDouble);
  // Efron: of d deaths at one time, the k-th has k/d of the dead no longer at risk, k = 0 … d − 1.
  const auto same = tied.index_select(1, deaths);
  const auto before = torch::tril(same, -1).sum(1) / same.sum(1);
  const auto weight = (at_risk - before.unsqueeze(1) * tied).to(device);
  const auto eta = log_hazard.to(torch::kDouble);
  const auto top = eta.detach().max();
  const auto log_risk = torch::log(torch::mv(weight, torch::exp(eta - top))) + top;
  return (log_risk - eta.index_select(0, deaths.to(device))).mean().to(log_hazard.scalar_type());
}

torch::Tensor prognosis_loss(const PrognosisHeads& heads, const PrognosisTruth& truth, PrognosisLoss loss) {
  const auto device = heads.survival.device();
  auto sum = heads.survival.sum() * 0;
  const auto graded = torch::nonzero(truth.grade >= 0).squeeze(1);
  if (graded.numel() > 0)
    sum = sum + torch::nn::functional::cross_entropy(heads.grade.index_select(0, graded.to(device)),
                                                     truth.grade.index_select(0, graded).to(device));
  const auto timed = torch::nonzero(truth.time == truth.time).squeeze(1);
  if (timed.numel() == 0) return sum;
  const auto survival = heads.survival.index_select(0, timed.to(device));
  const auto time = truth.time.index_select(0, timed);
  if (loss == PrognosisLoss::Cox) return sum + cox_loss(survival, time, truth.event.index_select(0, timed));
  return sum + torch::smooth_l1_loss(survival, torch::log(time).to(torch::kFloat).to(device));
}

}  // namespace gliocast::nn
