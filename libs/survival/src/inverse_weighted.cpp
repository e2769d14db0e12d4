// Brier score and time-dependent ROC curve: rows followed to the time or to their event, weighted by the inverse chance
// of not being censored.
#include "inverse_weighted.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/stats/distributions.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace gliocast::survival {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

double weight_of(const SurvivalSample& sample, std::size_t i) { return sample.weights.empty() ? 1 : sample.weights[i]; }

std::vector<std::size_t> descending(const std::vector<double>& score) {
  std::vector<std::size_t> order(score.size());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::stable_sort(order, std::ranges::greater(), [&](std::size_t i) { return score[i]; });
  return order;
}

}  // namespace

WithInterval interval_from_influence(double value, std::vector<double> influence, double level) {
  const auto n = static_cast<double>(influence.size());
  double mean = 0, squares = 0;
  for (const double v : influence) mean += v / n;
  for (const double v : influence) squares += (v - mean) * (v - mean);
  WithInterval result{value, n > 1 ? std::sqrt(squares * n / (n - 1)) : kNaN, kNaN, kNaN, std::move(influence)};
  const double half = stats::normal_quantile(0.5 + level / 2) * result.se;
  result.lower = value - half;
  result.upper = value + half;
  return result;
}

CensoringCurve::CensoringCurve(const SurvivalSample& sample) {
  if (!sample.entry.empty()) throw unusable_input("the inverse weights of censoring are not defined with entry times");
  double value = 1;
  for (const auto& step : kaplan_meier(sample).steps) {
    if (step.n_censor <= 0) continue;
    const double at_risk = step.n_risk - step.n_event;
    value *= 1 - step.n_censor / at_risk;
    time_.push_back(step.time);
    value_.push_back(value);
    hazard_.push_back(step.n_censor / at_risk);
    at_risk_.push_back(at_risk);
  }
}

std::size_t CensoringCurve::steps_before(double time) const {
  return static_cast<std::size_t>(std::ranges::lower_bound(time_, time) - time_.begin());
}

std::size_t CensoringCurve::steps_until(double time) const {
  return static_cast<std::size_t>(std::ranges::upper_bound(time_, time) - time_.begin());
}

double CensoringCurve::before(double time) const {
  const auto k = steps_before(time);
  return k == 0 ? 1 : value_[k - 1];
}

double CensoringCurve::at(double time) const {
  const auto k = steps_until(time);
  return k == 0 ? 1 : value_[k - 1];
}

void CensoringCurve::add_influence(const SurvivalSample& sample, const std::vector<double>& share_of_step,
                                   std::vector<double>& influence) const {
  const std::size_t steps = time_.size();
  // What a change of the hazard at a step moves: the shares of all whose weight holds that step.
  std::vector<double> per_hazard(steps), sum(steps + 1, 0.0);
  double share = 0;
  for (std::size_t k = steps; k-- > 0;) {
    share += share_of_step[k];
    per_hazard[k] = hazard_[k] < 1 ? share / ((1 - hazard_[k]) * at_risk_[k]) : 0;
  }
  for (std::size_t k = 0; k < steps; ++k) sum[k + 1] = sum[k] + per_hazard[k] * hazard_[k];
  for (std::size_t i = 0; i < influence.size(); ++i) {
    const bool censored = !sample.event[i];
    const std::size_t k = censored ? steps_until(sample.time[i]) : steps_before(sample.time[i]);
    influence[i] += weight_of(sample, i) * ((censored && k > 0 ? per_hazard[k - 1] : 0) - sum[k]);
  }
}

WithInterval brier_score(const SurvivalSample& sample, const CensoringCurve& censoring,
                         const std::vector<double>& predicted, double time, double level) {
  const std::size_t n = predicted.size();
  if (*std::ranges::max_element(sample.time) < time) return {kNaN, kNaN, kNaN, kNaN, std::vector<double>(n, kNaN)};
  double total = 0, value = 0;
  for (std::size_t i = 0; i < n; ++i) total += weight_of(sample, i);
  std::vector<double> influence(n), share_of_step(censoring.steps(), 0.0);
  for (std::size_t i = 0; i < n; ++i) {
    const bool beyond = sample.time[i] > time;
    if (!beyond && !sample.event[i]) continue;
    const double residual = (beyond ? 1 : 0) - predicted[i],
                 chance = beyond ? censoring.at(time) : censoring.before(sample.time[i]);
    const std::size_t held = beyond ? censoring.steps_until(time) : censoring.steps_before(sample.time[i]);
    influence[i] = weight_of(sample, i) * residual * residual / chance / total;
    value += influence[i];
    if (held > 0) share_of_step[held - 1] += influence[i];
  }
  for (std::size_t i = 0; i < n; ++i) influence[i] -= weight_of(sample, i) / total * value;
  censoring.add_influence(sample, share_of_step, influence);
  auto result = interval_from_influence(value, std::move(influence), level);
  result.lower = std::max(result.lower, 0.0);  // NaN stays
  result.upper = std::min(result.upper, 1.0);
  return result;
}

CaseControlWeights case_control_weights(const SurvivalSample& sample, const CensoringCurve& censoring, double time) {
  CaseControlWeights w;
  w.rows.resize(sample.time.size());
  for (std::size_t i = 0; i < w.rows.size(); ++i) {
    if (sample.time[i] > time)
      ++w.controls, w.rows[i].as_control = weight_of(sample, i);
    else if (sample.event[i])
      ++w.cases, w.rows[i].as_case = weight_of(sample, i) / censoring.before(sample.time[i]);
    w.all_cases += w.rows[i].as_case;
    w.all_controls += w.rows[i].as_control;
  }
  return w;
}

TimeRoc time_dependent_roc(const SurvivalSample& sample, const CensoringCurve& censoring,
                           const std::vector<double>& score, double time, double level) {
  TimeRoc roc;
  const auto order = descending(score);
  const auto [rows, n_cases, n_controls, all_cases, all_controls] = case_control_weights(sample, censoring, time);
  const std::size_t n = score.size();
  double cases = 0, controls = 0;
  roc.cases = n_cases;
  roc.controls = n_controls;
  if (roc.cases == 0 || roc.controls == 0) return roc.auc = {kNaN, kNaN, kNaN, kNaN, std::vector<double>(n, kNaN)}, roc;
  roc.threshold = {std::numeric_limits<double>::infinity()};
  roc.sensitivity = {0};
  roc.specificity = {1};
  // Share of the controls that a case outranks, of the cases that outrank a control; ties by halves.
  std::vector<double> outranked(n);
  double auc = 0;
  for (std::size_t k = 0; k < n;) {
    const std::size_t begin = k;
    const double value = score[order[k]], cases_before = cases, controls_before = controls;
    for (; k < n && score[order[k]] == value; ++k)
      cases += rows[order[k]].as_case, controls += rows[order[k]].as_control;
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
  if (roc.cases < 2 || roc.controls < 2) return roc.auc = {auc, kNaN, kNaN, kNaN, std::vector<double>(n, kNaN)}, roc;
  roc.auc = interval_from_influence(auc, std::move(influence), level);
  roc.auc.lower = std::max(roc.auc.lower, 0.0);
  roc.auc.upper = std::min(roc.auc.upper, 1.0);
  return roc;
}

WithInterval difference(const WithInterval& first, const WithInterval& second, double level) {
  std::vector<double> influence = first.influence;
  for (std::size_t i = 0; i < influence.size(); ++i) influence[i] -= second.influence[i];
  return interval_from_influence(first.value - second.value, std::move(influence), level);
}

}  // namespace gliocast::survival
