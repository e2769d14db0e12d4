#include <gliocast/survival/time_roc.hpp>

#include "case_control.hpp"

#include <algorithm>
#include <functional>
#include <limits>
#include <numeric>

namespace gliocast::survival {
namespace {

std::vector<std::size_t> descending(const std::vector<double>& score) {
  std::vector<std::size_t> order(score.size());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::stable_sort(order, std::ranges::greater(), [&](std::size_t i) { return score[i]; });
  return order;
}

}  // namespace

TimeRoc time_dependent_roc(const SurvivalSample& sample, const CensoringCurve& censoring,
                           const std::vector<double>& score, double time, double level) {
  TimeRoc roc;
  const auto order = descending(score);
  const auto [rows, n_cases, n_controls, all_cases, all_controls] = case_control_weights(sample, censoring, time);
  const std::size_t n = score.size();
  double cases = 0, controls = 0;
  roc.cases = n_cases;
  roc.controls = n_controls;
  roc.auc = unknown_influence(n, level);
  if (roc.cases == 0 || roc.controls == 0) return roc;
  roc.threshold = {std::numeric_limits<double>::infinity()};
  roc.sensitivity = {0};
  roc.specificity = {1};
  // Share of the controls that a case outranks, of the cases that outrank a control; ties by halves.
  std::vector<double> outranked(n);
  double auc = 0;
  for (std::size_t k = 0; k < n;) {
    const std::size_t begin = k;
    const double value = score[order[k]], cases_before = cases, controls_before = controls;
    for (; k < n && score[order[k]] == value; ++k) {
      cases += rows[order[k]].as_case;
      controls += rows[order[k]].as_control;
    }
    for (std::size_t m = begin; m < k; ++m) {
      const std::size_t i = order[m];
      outranked[i] = rows[i].as_case > 0 ? 1 - (controls + controls_before) / 2 / all_controls
                                         : (cases + cases_before) / 2 / all_cases;
      auc += rows[i].as_case / all_cases * outranked[i];
    }
    roc.threshold.push_back(value);
    roc.sensitivity.push_back(std::min(1.0, cases / all_cases));
    roc.specificity.push_back(std::max(0.0, 1 - controls / all_controls));
  }
  std::vector<double> influence(n, 0.0), share_of_step(censoring.steps(), 0.0);
  for (std::size_t i = 0; i < n; ++i) {
    influence[i] = (rows[i].as_case / all_cases + rows[i].as_control / all_controls) * (outranked[i] - auc);
    const std::size_t held = censoring.steps_before(sample.time[i]);
    if (rows[i].as_case > 0 && held > 0) share_of_step[held - 1] += influence[i];
  }
  censoring.add_influence(sample, share_of_step, influence);
  // One case or control says nothing of the scatter of its kind (as DeLong's variance, which this is without
  // censoring).
  if (roc.cases < 2 || roc.controls < 2) {
    roc.auc.value = auc;
    return roc;
  }
  roc.auc = influence_estimate(auc, std::move(influence), level);
  roc.auc.low = std::max(roc.auc.low, 0.0);
  roc.auc.high = std::min(roc.auc.high, 1.0);
  return roc;
}

}  // namespace gliocast::survival
