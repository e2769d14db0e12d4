#include <gliocast/survival/brier.hpp>

#include <gliocast/survival/kaplan_meier.hpp>

#include <algorithm>
#include <cstddef>

namespace gliocast::survival {
namespace {
constexpr int kSteps = 100;  // of the grid: the trapezoids are then finer than follow-up is
}

InfluenceEstimate brier_score(const SurvivalSample& sample, const CensoringCurve& censoring,
                              const std::vector<double>& predicted, double time, double level) {
  const std::size_t n = predicted.size();
  if (*std::ranges::max_element(sample.time) < time) return unknown_influence(n, level);
  double total = 0, value = 0;
  for (std::size_t i = 0; i < n; ++i) total += sample.weight(i);
  std::vector<double> influence(n), share_of_step(censoring.steps(), 0.0);
  for (std::size_t i = 0; i < n; ++i) {
    const bool beyond = sample.time[i] > time;
    if (!beyond && !sample.event[i]) continue;
    const double residual = (beyond ? 1 : 0) - predicted[i],
                 chance = beyond ? censoring.at(time) : censoring.before(sample.time[i]);
    const std::size_t held = beyond ? censoring.steps_until(time) : censoring.steps_before(sample.time[i]);
    influence[i] = sample.weight(i) * residual * residual / chance / total;
    value += influence[i];
    if (held > 0) share_of_step[held - 1] += influence[i];
  }
  for (std::size_t i = 0; i < n; ++i) influence[i] -= sample.weight(i) / total * value;
  censoring.add_influence(sample, share_of_step, influence);
  auto result = influence_estimate(value, std::move(influence), level);
  result.low = std::max(result.low, 0.0);  // NaN stays
  result.high = std::min(result.high, 1.0);
  return result;
}

double brier_score_of_kaplan_meier(const SurvivalSample& sample, const CensoringCurve& censoring, double time) {
  const auto curve = kaplan_meier(sample);
  const auto* step = curve.at(time);
  return brier_score(sample, censoring, std::vector<double>(sample.rows(), step ? step->survival : 1), time).value;
}

std::vector<double> integrated_brier_grid(double last) {
  std::vector<double> grid;
  for (int i = 0; i <= kSteps; ++i) grid.push_back(last * i / kSteps);
  return grid;
}

InfluenceEstimate integrated_brier_score(const SurvivalSample& sample, const CensoringCurve& censoring,
                                         const std::vector<std::vector<double>>& predicted_at, double last,
                                         double level) {
  const auto grid = integrated_brier_grid(last);
  double area = 0;
  std::vector<double> influence(sample.rows(), 0.0);
  for (std::size_t i = 1; i < grid.size(); ++i) {
    const auto score = brier_score(sample, censoring, predicted_at[i], grid[i]);
    const double share = (i + 1 == grid.size() ? 0.5 : 1.0) / kSteps;
    area += share * score.value;
    for (std::size_t r = 0; r < influence.size(); ++r) influence[r] += share * score.influence[r];
  }
  return influence_estimate(area, std::move(influence), level);
}

}  // namespace gliocast::survival
