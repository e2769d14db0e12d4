#include <gliocast/survival/censoring_curve.hpp>

#include <gliocast/core/error.hpp>
#include <gliocast/survival/kaplan_meier.hpp>

#include <algorithm>

namespace gliocast::survival {

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
    influence[i] += sample.weight(i) * ((censored && k > 0 ? per_hazard[k - 1] : 0) - sum[k]);
  }
}

}  // namespace gliocast::survival
