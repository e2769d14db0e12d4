#include <gliocast/survival/performance.hpp>

#include <gliocast/core/error.hpp>
#include <gliocast/core/quantile.hpp>
#include <gliocast/stats/distributions.hpp>
#include <gliocast/stats/spline.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace gliocast::survival {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kTimeTolerance = 1e-6;  // as rms::groupkm

std::vector<std::size_t> order_by(const std::vector<double>& values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::stable_sort(order, {}, [&](std::size_t i) { return values[i]; });
  return order;
}

SurvivalSample rows_of(const SurvivalSample& s, const std::vector<std::size_t>& rows) {
  SurvivalSample result;
  for (const std::size_t i : rows) {
    result.time.push_back(s.time[i]);
    result.event.push_back(s.event[i]);
    if (!s.entry.empty()) result.entry.push_back(s.entry[i]);
    if (!s.weights.empty()) result.weights.push_back(s.weights[i]);
  }
  return result;
}

CalibrationGroup describe_group(const SurvivalSample& sample, const std::vector<double>& predicted,
                                const std::vector<std::size_t>& rows, double time, double level) {
  CalibrationGroup g;
  g.n = rows.size();
  for (const std::size_t i : rows)
    g.predicted += predicted[i] / static_cast<double>(rows.size()), g.events += sample.event[i] != 0;
  g.observed = g.lower = g.upper = g.std_error = kNaN;
  if (rows.size() < 2) return g;
  const auto curve = kaplan_meier(rows_of(sample, rows), {level, ConfidenceType::Log});
  const SurvivalStep* step = curve.at(time + kTimeTolerance);
  if (time > curve.steps.back().time + kTimeTolerance && curve.steps.back().survival > 0) return g;
  g.observed = step ? step->survival : 1;
  g.std_error = step ? step->std_error : 0;
  const double z = stats::normal_quantile(0.5 + level / 2);
  g.lower = g.observed > 0 ? g.observed * std::exp(-z * g.std_error) : 0;
  g.upper = g.observed > 0 ? std::min(1.0, g.observed * std::exp(z * g.std_error)) : 0;
  return g;
}

}  // namespace

std::vector<CalibrationGroup> grouped_calibration(const SurvivalSample& sample, const std::vector<double>& predicted,
                                                  double time, std::size_t groups, double level) {
  const auto order = order_by(predicted);
  const std::size_t n = order.size();
  std::vector<CalibrationGroup> result;
  std::size_t begin = 0;
  for (std::size_t g = 1; g <= groups && begin < n; ++g) {
    // Up to the smallest value that g/groups of all rows do not exceed.
    auto end = static_cast<std::size_t>(std::ceil(static_cast<double>(g * n) / static_cast<double>(groups) - 1e-9));
    if (end <= begin) continue;
    while (end < n && predicted[order[end]] == predicted[order[end - 1]]) ++end;
    result.push_back(describe_group(
        sample, predicted,
        {order.begin() + static_cast<std::ptrdiff_t>(begin), order.begin() + static_cast<std::ptrdiff_t>(end)}, time,
        level));
    begin = end;
  }
  return result;
}

SmoothCalibration smooth_calibration(const SurvivalSample& sample, const std::vector<double>& predicted, double time,
                                     std::size_t knots) {
  const auto transformed = [](double s) { return std::log(-std::log(std::clamp(s, 1e-12, 1 - 1e-12))); };
  std::vector<double> x;
  for (const double s : predicted) x.push_back(transformed(s));
  const auto k = stats::spline_knots(x, knots, "predicted survival");
  CoxData data{
      sample.time, sample.event, sample.entry, sample.weights, {}, {}, {}, stats::Matrix(x.size(), k.size() - 1), {}};
  const auto fill = [&](double value, auto&& set) {
    set(0, value);
    const auto terms = stats::spline_terms(value, k);
    for (std::size_t t = 0; t < terms.size(); ++t) set(t + 1, terms[t]);
  };
  for (std::size_t i = 0; i < x.size(); ++i) fill(x[i], [&](std::size_t c, double v) { data.x(i, c) = v; });
  for (std::size_t c = 0; c < data.x.columns; ++c) data.names.push_back("spline term " + std::to_string(c + 1));
  const CoxFit fit = fit_cox(data);
  const auto baseline = baseline_hazards(data, fit).front();
  const auto steps = static_cast<std::size_t>(std::ranges::upper_bound(baseline.time, time) - baseline.time.begin());
  const double hazard = steps == 0 ? 0 : baseline.cumulative[steps - 1];
  const auto observed = [&](double value) {
    double lp = 0;
    fill(value, [&](std::size_t c, double v) {
      lp += std::isnan(fit.coefficients[c]) ? 0 : fit.coefficients[c] * (v - fit.means[c]);
    });
    return std::exp(-hazard * std::exp(lp));
  };
  SmoothCalibration result;
  std::vector<double> sorted = predicted, differences;
  std::ranges::sort(sorted);
  const double low = quantile_r7(sorted, 0.01), high = quantile_r7(sorted, 0.99);
  for (int i = 0; i < 100; ++i) {
    result.predicted.push_back(low + (high - low) * i / 99);
    result.observed.push_back(observed(transformed(result.predicted.back())));
  }
  for (std::size_t i = 0; i < x.size(); ++i) differences.push_back(std::abs(observed(x[i]) - predicted[i]));
  std::ranges::sort(differences);
  result.ici = std::accumulate(differences.begin(), differences.end(), 0.0) / static_cast<double>(differences.size());
  result.e50 = quantile_r7(differences, 0.5);
  result.e90 = quantile_r7(differences, 0.9);
  return result;
}

DecisionCurve decision_curve(const SurvivalSample& sample, const std::vector<double>& predicted, double time,
                             const std::vector<double>& thresholds) {
  const auto survival_at = [&](const std::vector<std::size_t>& rows) {
    const auto curve = kaplan_meier(rows_of(sample, rows));
    const SurvivalStep* step = curve.at(time);
    if (curve.steps.back().time < time && curve.steps.back().survival > 0) return kNaN;
    return step ? step->survival : 1.0;
  };
  std::vector<std::size_t> everyone(predicted.size());
  std::iota(everyone.begin(), everyone.end(), 0);
  const double overall = survival_at(everyone), n = static_cast<double>(predicted.size());
  DecisionCurve result;
  for (const double p : thresholds) {
    std::vector<std::size_t> treated;
    for (const std::size_t i : everyone)
      if (1 - predicted[i] >= p) treated.push_back(i);
    const double odds = p / (1 - p), share = static_cast<double>(treated.size()) / n;
    const double s = treated.empty() ? 1 : survival_at(treated);
    result.threshold.push_back(p);
    result.model.push_back(treated.empty() ? 0 : (1 - s) * share - s * share * odds);
    result.all.push_back(1 - overall - overall * odds);
  }
  return result;
}

}  // namespace gliocast::survival
