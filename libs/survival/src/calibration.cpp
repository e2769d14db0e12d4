#include <gliocast/survival/calibration.hpp>

#include <gliocast/core/error.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/core/quantile.hpp>
#include <gliocast/stats/distributions.hpp>
#include <gliocast/stats/quantile_groups.hpp>
#include <gliocast/stats/spline.hpp>
#include <gliocast/survival/cox.hpp>
#include <gliocast/survival/kaplan_meier.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace gliocast::survival {
namespace {

constexpr double kTimeTolerance = 1e-6;  // as rms::groupkm
constexpr double kClosest = 1e-12;       // of a prediction to 0 and 1, where log(−log) is not defined
constexpr int kCurvePoints = 100;
constexpr double kEnd = 0.01;  // share of the rows beyond each end of the curve

CalibrationGroup describe_group(const SurvivalSample& sample, const std::vector<double>& predicted,
                                const std::vector<std::size_t>& rows, double time, double level) {
  CalibrationGroup g;
  g.n = rows.size();
  for (const std::size_t i : rows) {
    g.predicted += predicted[i] / static_cast<double>(rows.size());
    g.events += sample.event[i] != 0;
  }
  g.observed = stats::unknown_estimate(level);
  if (rows.size() < 2) return g;
  const auto curve = kaplan_meier(take(sample, rows), {level, ConfidenceType::Log});
  const SurvivalStep* step = curve.at(time + kTimeTolerance);
  if (time > curve.steps.back().time + kTimeTolerance && curve.steps.back().survival > 0) return g;
  const double value = step ? step->survival : 1, se = step ? step->se : 0;
  const double z = stats::normal_quantile(0.5 + level / 2);
  g.observed = stats::value_alone(value, level);  // the logarithm of 0 has no interval
  if (value > 0) g.observed = {value, se, value * std::exp(-z * se), std::min(1.0, value * std::exp(z * se)), level};
  return g;
}

}  // namespace

std::vector<CalibrationGroup> grouped_calibration(const SurvivalSample& sample, const std::vector<double>& predicted,
                                                  double time, std::size_t groups, double level) {
  std::vector<CalibrationGroup> result;
  const bool observed = time <= *std::ranges::max_element(sample.time) + kTimeTolerance;
  for (const auto& rows : stats::quantile_groups(predicted, groups)) {
    result.push_back(describe_group(sample, predicted, rows, time, level));
    if (!observed) result.back().observed = stats::unknown_estimate(level);
  }
  return result;
}

SmoothCalibration smooth_calibration(const SurvivalSample& sample, const std::vector<double>& predicted, double time,
                                     std::size_t knots) {
  if (const double last = *std::ranges::max_element(sample.time); time > last)
    throw unusable_input("nobody is followed beyond " + shortest(last));
  const auto transformed = [](double s) { return std::log(-std::log(std::clamp(s, kClosest, 1 - kClosest))); };
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
  const double low = quantile_r7(sorted, kEnd), high = quantile_r7(sorted, 1 - kEnd);
  for (int i = 0; i < kCurvePoints; ++i) {
    result.predicted.push_back(low + (high - low) * i / (kCurvePoints - 1));
    result.observed.push_back(observed(transformed(result.predicted.back())));
  }
  for (std::size_t i = 0; i < x.size(); ++i) differences.push_back(std::abs(observed(x[i]) - predicted[i]));
  std::ranges::sort(differences);
  result.ici = std::accumulate(differences.begin(), differences.end(), 0.0) / static_cast<double>(differences.size());
  result.e50 = quantile_r7(differences, 0.5);
  result.e90 = quantile_r7(differences, 0.9);
  return result;
}

CalibrationSlope calibration_slope(const SurvivalSample& sample, const std::vector<double>& linear_predictor,
                                   double level, const std::vector<int>& strata, const std::vector<int>& cluster) {
  CoxData data;
  data.time = sample.time;
  data.event = sample.event;
  data.entry = sample.entry;
  data.weights = sample.weights;
  data.strata = strata;
  data.cluster = cluster;
  data.names = {"linear predictor"};
  data.x = stats::Matrix(linear_predictor.size(), 1);
  std::ranges::copy(linear_predictor, data.x.column(0).begin());
  const auto fit = fit_cox(data);
  const double b = fit.coefficients[0];
  if (std::isnan(b) || fit.infinite(0)) return {stats::unknown_estimate(level), {NAN, 1, NAN}};
  const double se = std::sqrt(fit.used_variance()(0, 0));
  return {stats::normal_estimate(b, se, level), stats::z_test(b - 1, se)};
}

}  // namespace gliocast::survival
