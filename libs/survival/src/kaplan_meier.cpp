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
  const double se = s.se;
  s.low = s.high = kNaN;
  if (s.survival <= 0) return;
  switch (type) {
    case ConfidenceType::Plain:
      s.low = std::max(0.0, s.survival - z * se * s.survival);
      s.high = std::min(1.0, s.survival + z * se * s.survival);
      break;
    case ConfidenceType::Log:
      s.low = std::exp(std::log(s.survival) - z * se);
      s.high = std::min(1.0, std::exp(std::log(s.survival) + z * se));
      break;
    case ConfidenceType::LogLog:
      if (s.survival >= 1) return;
      const double log_s = std::log(s.survival), shift = z * se / log_s;
      s.low = std::exp(-std::exp(std::log(-log_s) - shift));
      s.high = std::exp(-std::exp(std::log(-log_s) + shift));
      break;
  }
}

/// Time at which `value` of the steps reaches `level`, as R's quantile of a survival curve: midway to the next lower
/// step, or to the end of follow-up, where it stays at the level. NaN where it never does. Limits may rise again; the
/// step closest below counts, as in R.
template <class Value>
double time_at_level(const std::vector<SurvivalStep>& steps, double level, Value value) {
  std::size_t below = steps.size(), clearly_below = steps.size();
  const auto closest = [&](std::size_t& best, double bound, std::size_t i, double v) {
    if (v <= bound && (best == steps.size() || v > value(steps[best]) + kTie)) best = i;  // not by rounding
  };
  double last = kNaN;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    last = value(steps[i]);
    closest(below, level + kTie, i, last);
    closest(clearly_below, level - kTie, i, last);
  }
  if (below == steps.size()) return kNaN;
  if (std::abs(last - level) < kTie) return 0.5 * (steps[below].time + steps.back().time);
  return clearly_below == steps.size() ? kNaN : 0.5 * (steps[below].time + steps[clearly_below].time);
}

/// Infinitesimal jackknife variance of a sum of jumps of a curve, grouped by subject. A row at risk since its entry
/// carries −(G(t) − G(entry)), one that has left keeps what it had; a subject's rows are summed, in
/// fixed − at risk × G(t).
class JackknifeVariance {
 public:
  explicit JackknifeVariance(std::size_t subjects) : subjects_(subjects) {}
  void enter(std::size_t subject, double weight) { change(subject, weight * total_, weight); }
  [[nodiscard]] double total() const { return total_; }
  void add(double increment) { total_ += increment; }
  /// `event_part`: what the row's own event adds, 0 where censored.
  void leave(std::size_t subject, double weight, double event_part) {
    change(subject, weight * (event_part - total_), -weight);
  }
  [[nodiscard]] double variance() const {
    const double variance = fixed_ - 2 * total_ * both_ + total_ * total_ * at_risk_;
    return variance < 0 ? 0 : variance;  // NaN stays: nobody is left
  }

 private:
  struct Subject {
    double fixed = 0, at_risk = 0;
  };
  void change(std::size_t subject, double fixed, double at_risk) {
    Subject& s = subjects_[subject];
    count(s, -1);
    s.fixed += fixed;
    s.at_risk += at_risk;
    count(s, 1);
  }
  void count(const Subject& s, double sign) {
    fixed_ += sign * s.fixed * s.fixed;
    both_ += sign * s.fixed * s.at_risk;
    at_risk_ += sign * s.at_risk * s.at_risk;
  }
  std::vector<Subject> subjects_;
  double total_ = 0, fixed_ = 0, both_ = 0, at_risk_ = 0;  // sums over subjects of squares and products
};

/// Gives each step the robust standard errors of log survival and of the hazard, as R's survfit does with clusters and
/// with weights that are no counts.
void set_robust_errors(const SurvivalSample& sample, const std::vector<int>& cluster,
                       std::vector<SurvivalStep>& steps) {
  const std::size_t n = sample.time.size();
  const auto subject = [&](std::size_t i) { return cluster.empty() ? i : static_cast<std::size_t>(cluster[i]); };
  std::vector<std::size_t> by_time(n), by_entry(n);
  std::iota(by_time.begin(), by_time.end(), 0);
  by_entry = by_time;
  std::ranges::sort(by_time, {}, [&](std::size_t i) { return sample.time[i]; });
  if (!sample.entry.empty()) std::ranges::sort(by_entry, {}, [&](std::size_t i) { return sample.entry[i]; });
  const std::size_t subjects =
      cluster.empty() ? n : subject(static_cast<std::size_t>(std::ranges::max_element(cluster) - cluster.begin())) + 1;
  JackknifeVariance survival(subjects), hazard(subjects);
  std::size_t entered = 0, left = 0;
  for (SurvivalStep& step : steps) {
    for (; entered < n && (sample.entry.empty() || sample.entry[by_entry[entered]] < step.time); ++entered) {
      const std::size_t i = by_entry[entered];
      survival.enter(subject(i), sample.weight(i));
      hazard.enter(subject(i), sample.weight(i));
    }
    const double at_risk_after = step.survival > 0 ? step.n_risk - step.n_event : kNaN;
    const double survival_part = step.n_event > 0 ? 1 / at_risk_after : 0, hazard_part = 1 / step.n_risk;
    if (step.n_event > 0) {
      survival.add(step.n_event / step.n_risk * survival_part);
      hazard.add(step.n_event / step.n_risk * hazard_part);
    }
    for (; left < n && sample.time[by_time[left]] == step.time; ++left) {
      const std::size_t i = by_time[left];
      survival.leave(subject(i), sample.weight(i), sample.event[i] ? survival_part : 0);
      hazard.leave(subject(i), sample.weight(i), sample.event[i] ? hazard_part : 0);
    }
    step.se = std::sqrt(survival.variance());
    step.hazard_se = std::sqrt(hazard.variance());
  }
}

/// Limits change where the curve does; on the log-log scale those before the first event are not defined.
void set_all_limits(std::vector<SurvivalStep>& steps, const KaplanMeierOptions& options, bool robust) {
  const double z = stats::normal_quantile(0.5 + options.level / 2);
  for (std::size_t i = 0; i < steps.size(); ++i) {
    SurvivalStep& step = steps[i];
    if (step.n_event > 0 || i == 0 || options.confidence == ConfidenceType::LogLog) {
      set_limits(step, z, options.confidence);
    } else {
      step.low = steps[i - 1].low;
      step.high = steps[i - 1].high;
    }
    // The jackknife error of survival itself is 0 where everybody is dead, and R draws the plain interval with it.
    if (robust && step.survival <= 0 && options.confidence == ConfidenceType::Plain) step.low = step.high = 0;
  }
}

struct Row {
  double time, weight;
  bool event;
};

}  // namespace

stats::Estimate KaplanMeierCurve::median() const {
  return {time_at_level(steps, 0.5, [](const SurvivalStep& s) { return s.survival; }), kNaN,
          time_at_level(steps, 0.5, [](const SurvivalStep& s) { return s.low; }),
          time_at_level(steps, 0.5, [](const SurvivalStep& s) { return s.high; }), level};
}

double KaplanMeierCurve::quantile(double p) const {
  return time_at_level(steps, 1 - p, [](const SurvivalStep& s) { return s.survival; });
}

const SurvivalStep* KaplanMeierCurve::at(double time) const {
  const auto next = std::ranges::upper_bound(steps, time, {}, &SurvivalStep::time);
  return next == steps.begin() ? nullptr : &*std::prev(next);
}

stats::Estimate KaplanMeierCurve::restricted_mean(double until) const {
  std::vector<double> area_after(steps.size() + 1, 0.0);  // from step i (0: origin) until the next one
  const double start = steps.empty() ? 0 : std::min(0.0, steps.front().time);  // as R: times may begin below 0
  double previous = start, survival = 1;
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
  return stats::normal_estimate(std::accumulate(area_after.begin(), area_after.end(), start), std::sqrt(variance),
                                level);
}

std::vector<double> restricted_mean_influence(const SurvivalSample& sample, const KaplanMeierCurve& curve, double until,
                                              const std::vector<int>& cluster, std::size_t clusters) {
  const auto& steps = curve.steps;
  // Area under the curve from each step until the end, and Σ area dG up to it.
  std::vector<double> area(steps.size() + 1, 0.0), carried(steps.size(), 0.0);
  for (std::size_t k = steps.size(); k-- > 0;) {
    const double end = k + 1 < steps.size() ? std::min(steps[k + 1].time, until) : until;
    area[k] = area[k + 1] + (end > steps[k].time ? steps[k].survival * (end - steps[k].time) : 0.0);
  }
  const auto event_part = [&](std::size_t k) {
    return area[k] > 0 && steps[k].n_event > 0 ? area[k] / (steps[k].n_risk - steps[k].n_event) : 0.0;
  };
  for (std::size_t k = 0; k < steps.size(); ++k)
    carried[k] = (k > 0 ? carried[k - 1] : 0.0) + steps[k].n_event / steps[k].n_risk * event_part(k);
  const auto carried_until = [&](double time) {
    const auto next = std::ranges::upper_bound(steps, time, {}, &SurvivalStep::time) - steps.begin();
    return next == 0 ? 0.0 : carried[static_cast<std::size_t>(next - 1)];
  };
  std::vector<double> influence(clusters, 0.0);
  for (std::size_t i = 0; i < sample.rows(); ++i) {
    const auto k = static_cast<std::size_t>(std::ranges::lower_bound(steps, sample.time[i], {}, &SurvivalStep::time) -
                                            steps.begin());
    const double at_risk = carried[k] - (sample.entry.empty() ? 0.0 : carried_until(sample.entry[i]));
    influence[static_cast<std::size_t>(cluster[i])] +=
        sample.weight(i) * (at_risk - (sample.event[i] ? event_part(k) : 0.0));
  }
  return influence;
}

KaplanMeierCurve kaplan_meier(const SurvivalSample& sample, const KaplanMeierOptions& options,
                              const std::vector<int>& cluster) {
  const std::size_t n = sample.time.size();
  if (n == 0) throw unusable_input("no row is left for a survival curve");
  std::vector<Row> rows(n);
  double at_risk = 0;
  for (std::size_t i = 0; i < n; ++i) {
    rows[i] = {sample.time[i], sample.weight(i), sample.event[i] != 0};
    at_risk += rows[i].weight;
  }
  std::ranges::sort(rows, {}, &Row::time);
  std::vector<std::pair<double, double>> entries;  // time, weight
  for (std::size_t i = 0; i < sample.entry.size(); ++i) entries.emplace_back(sample.entry[i], sample.weight(i));
  std::ranges::sort(entries);
  if (!entries.empty()) at_risk = 0;
  KaplanMeierCurve curve;
  curve.n = n;
  curve.level = options.level;
  double survival = 1, greenwood = 0, hazard = 0, hazard_variance = 0;
  std::size_t entered = 0;
  curve.steps.reserve(n);
  for (std::size_t i = 0; i < n;) {
    SurvivalStep step;
    step.time = rows[i].time;
    for (; entered < entries.size() && entries[entered].first < step.time; ++entered)
      at_risk += entries[entered].second;
    step.n_risk = at_risk;
    for (; i < n && rows[i].time == step.time; ++i) {
      (rows[i].event ? step.n_event : step.n_censor) += rows[i].weight;
      curve.events += rows[i].event ? 1 : 0;
    }
    if (step.n_event > 0) {
      const bool last = i == n && step.n_censor == 0 && sample.entry.empty();
      survival *= last ? 0.0 : std::max(0.0, 1 - step.n_event / step.n_risk);
      greenwood +=
          last ? std::numeric_limits<double>::infinity() : step.n_event / (step.n_risk * (step.n_risk - step.n_event));
      hazard += step.n_event / step.n_risk;
      hazard_variance += step.n_event / (step.n_risk * step.n_risk);
    }
    step.survival = survival;
    step.se = std::sqrt(greenwood);
    step.hazard = hazard;
    step.hazard_se = std::sqrt(hazard_variance);
    curve.steps.push_back(step);
    at_risk -= step.n_event + step.n_censor;
  }
  const bool robust =
      !cluster.empty() || std::ranges::any_of(sample.weights, [](double w) { return w != std::floor(w); });
  if (robust) set_robust_errors(sample, cluster, curve.steps);
  set_all_limits(curve.steps, options, robust);
  return curve;
}

}  // namespace gliocast::survival
