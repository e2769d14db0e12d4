#include <gliocast/nn/grad_cam.hpp>

#include "grading_network_impl.hpp"
#include "weights.hpp"

#include <gliocast/core/error.hpp>

#include <algorithm>

namespace gliocast::nn {

ActivationMap grad_cam(const GradingNetwork& network, const NetworkInput& patch, bool high_grade) {
  auto& impl = *network.impl_;
  patch.check(impl.net->options.in_channels);
  torch::Tensor stage;
  {
    const torch::NoGradGuard no_grad;
    stage = impl.net->last_stage(view_of(patch).to(impl.device));
  }
  torch::Tensor gradient;
  {
    // Of the stage alone: the weights' own gradients are not touched, so that threads may share the network.
    const torch::AutoGradMode with_gradients(true);
    const auto leaf = stage.detach().requires_grad_(true);
    const auto score = impl.net->classify(impl.net->pool(leaf))[0][high_grade ? 1 : 0];
    gradient = torch::autograd::grad({score}, {leaf})[0];
  }
  const torch::NoGradGuard no_grad;
  const auto weights = gradient.mean({2, 3, 4}, true);
  const auto coarse = torch::relu((weights * stage).sum(1, true));
  namespace F = torch::nn::functional;
  const auto& n = patch.size_zyx;
  const auto fine = F::interpolate(coarse, F::InterpolateFuncOptions()
                                               .size(std::vector<std::int64_t>(n.begin(), n.end()))
                                               .mode(torch::kTrilinear)
                                               .align_corners(false))
                        .to(torch::kCPU)
                        .contiguous();
  ActivationMap map{.size_zyx = n, .positions_zyx = {stage.size(2), stage.size(3), stage.size(4)}, .values = {}};
  map.values.assign(fine.data_ptr<float>(), fine.data_ptr<float>() + fine.numel());
  return map;
}

ActivationMap mean_of_maps(const std::vector<ActivationMap>& maps) {
  if (maps.empty()) throw Error(ExitCode::WrongUse, "no map to average");
  ActivationMap mean = maps.front();
  std::ranges::fill(mean.values, 0.0F);
  for (const auto& map : maps) {
    if (map.size_zyx != mean.size_zyx || map.values.size() != mean.values.size())
      throw Error(ExitCode::WrongUse, "maps of patches of different sizes have no mean");
    const float most = map.values.empty() ? 0 : std::ranges::max(map.values);
    if (!(most > 0)) continue;
    const float share = 1 / (most * static_cast<float>(maps.size()));
    for (std::size_t i = 0; i < mean.values.size(); ++i) mean.values[i] += share * map.values[i];
  }
  return mean;
}

}  // namespace gliocast::nn
