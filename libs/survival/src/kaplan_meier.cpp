#include <gliocast/survival/kaplan_meier.hpp>

#include <gliocast/core/error.hpp>
#include <gliocast/stats/distributions.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace gliocast::survival {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kTie = 1.4901161193847656e-8;  // R's tolerance for a survival of exactly one half

void set_limits(SurvivalStep& s, double z, ConfidenceType type) {
  const double se = s.std_error;
  s.lower = s.upper = kNaN;
  if (s.survival <= 0) return;
  switch (type) {
    case ConfidenceType::Plain:
      s.lower = std::max(0.0, s.survival - z * se * s.survival);
      s.upper = std::min(1.0, s.survival + z * se * s.survival);
      break;
    case ConfidenceType::Log:
      s.lower = std::exp(std::log(s.survival) - z * se);
      s.upper = std::min(1.0, std::exp(std::log(s.survival) + z * se));
      break;
    case ConfidenceType::LogLog:
      if (s.survival >= 1) return;
      const double log_s = std::log(s.survival), shift = z * se / log_s;
      s.lower = std::exp(-std::exp(std::log(-log_s) - shift));
      s.upper = std::exp(-std::exp(std::log(-log_s) + shift));
      break;
  }
}

/// First time at which `value` of a step is at most 1 − p, with R's rule for equality.
template <class Value>
double first_at_most(const std::vector<SurvivalStep>& steps, double level, Value value) {
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const double v = value(steps[i]);
    if (std::isnan(v) || v >= level + kTie) continue;
    if (std::abs(v - level) < kTie)
      for (std::size_t j = i + 1; j < steps.size(); ++j)
        if (value(steps[j]) < v) return 0.5 * (steps[i].time + steps[j].time);
    return steps[i].time;
  }
  return kNaN;
}

double weight_of(const SurvivalSample& s, std::size_t i) { return s.weights.empty() ? 1.0 : s.weights[i]; }

}  // namespace

KaplanMeierCurve::Median KaplanMeierCurve::median() const {
  return {first_at_most(steps, 0.5, [](const SurvivalStep& s) { return s.survival; }), first_at_most(steps, 0.5, [](const SurvivalStep& s) { return s.lower; }),
          first_at_most(steps, 0.5, [](const SurvivalStep& s) { return s.upper; })};
}

double KaplanMeierCurve::quantile(double p) const {
  return first_at_most(steps, 1 - p, [](const SurvivalStep& s) { return s.survival; });
}

const SurvivalStep* KaplanMeierCurve::at(double time) const {
  const auto next = std::ranges::upper_bound(steps, time, {}, &SurvivalStep::time);
  return next == steps.begin() ? nullptr : &*std::prev(next);
}

RestrictedMean KaplanMeierCurve::restricted_mean(double until) const {
  RestrictedMean result{until, 0, 0};
  std::vector<double> area_after(steps.size() + 1, 0.0);  // from step i (0: origin) until the next one
  double previous = 0, survival = 1;
  std::size_t used = 0;
  for (; used < steps.size() && steps[used].time < until; ++used) {
    area_after[used] = survival * (steps[used].time - previous);
    previous = steps[used].time;
    survival = steps[used].survival;
  }
  area_after[used] = survival * (until - previous);
  double tail = 0, variance = 0;
  for (std::size_t i = used; i > 0; --i) {
    tail += area_after[i];
    const SurvivalStep& s = steps[i - 1];
    if (s.n_risk > s.n_event) variance += tail * tail * s.n_event / (s.n_risk * (s.n_risk - s.n_event));
  }
  result.mean = std::accumulate(area_after.begin(), area_after.end(), 0.0);
  result.std_error = std::sqrt(variance);
  return result;
}

KaplanMeierCurve kaplan_meier(const SurvivalSample& sample, const KaplanMeierOptions& options) {
  const std::size_t n = sample.time.size();
  if (n == 0) throw unusable_input("no row is left for a survival curve");
  struct Row {
    double time, weight;
    bool event;
  };
  std::vector<Row> rows(n);
  double at_risk = 0;
  for (std::size_t i = 0; i < n; ++i) {
    rows[i] = {sample.time[i], weight_of(sample, i), sample.event[i] != 0};
    at_risk += rows[i].weight;
  }
  std::ranges::sort(rows, {}, &Row::time);
  std::vector<std::pair<double, double>> entries;  // time, weight
  for (std::size_t i = 0; i < sample.entry.size(); ++i) entries.emplace_back(sample.entry[i], weight_of(sample, i));
  std::ranges::sort(entries);
  if (!entries.empty()) at_risk = 0;
  KaplanMeierCurve curve;
  curve.n = n;
  const double z = stats::normal_quantile(0.5 + options.level / 2);
  double survival = 1, greenwood = 0, hazard = 0, hazard_variance = 0;
  std::size_t entered = 0;
  curve.steps.reserve(n);
  for (std::size_t i = 0; i < n;) {
    SurvivalStep step;
    step.time = rows[i].time;
    for (; entered < entries.size() && entries[entered].first < step.time; ++entered) at_risk += entries[entered].second;
    step.n_risk = at_risk;
    for (; i < n && rows[i].time == step.time; ++i) {
      (rows[i].event ? step.n_event : step.n_censor) += rows[i].weight;
      curve.events += rows[i].event;
    }
    if (step.n_event > 0) {
      const bool last = i == n && step.n_censor == 0 && sample.entry.empty();
      survival *= last ? 0.0 : std::max(0.0, 1 - step.n_event / step.n_risk);
      greenwood += last ? std::numeric_limits<double>::infinity() : step.n_event / (step.n_risk * (step.n_risk - step.n_event));
      hazard += step.n_event / step.n_risk;
      hazard_variance += step.n_event / (step.n_risk * step.n_risk);
    }
    step.survival = survival;
    step.std_error = std::sqrt(greenwood);
    step.hazard = hazard;
    step.hazard_std_error = std::sqrt(hazard_variance);
    if (step.n_event > 0 || curve.steps.empty() || options.confidence == ConfidenceType::LogLog)
      set_limits(step, z, options.confidence);
    else
      step.lower = curve.steps.back().lower, step.upper = curve.steps.back().upper;
    curve.steps.push_back(step);
    at_risk -= step.n_event + step.n_censor;
  }
  return curve;
}

}  // namespace gliocast::survival
