#include <gliocast/stats/probability_calibration.hpp>

#include "check_scores.hpp"

#include <gliocast/core/quantile.hpp>
#include <gliocast/stats/distributions.hpp>
#include <gliocast/stats/logistic_regression.hpp>
#include <gliocast/stats/lowess.hpp>
#include <gliocast/stats/quantile_groups.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace gliocast::stats {
namespace {

constexpr double kClosest = 1e-12;  // of a probability to 0 and 1, where the logit is not defined

Estimate coefficient(const LogisticRegression& fit, std::size_t k, double level) {
  if (!fit.converged) return unknown_estimate(level);
  return normal_estimate(k == 0 ? fit.intercept : fit.coefficients[k - 1], std::sqrt(fit.covariance(k, k)), level);
}

}  // namespace

Estimate share_estimate(std::size_t part, std::size_t whole, double level) {
  if (whole == 0) return unknown_estimate(level);
  const double n = static_cast<double>(whole), p = static_cast<double>(part) / n;
  const double z = normal_quantile(0.5 + level / 2), z2 = z * z / n;
  const double middle = (p + z2 / 2) / (1 + z2);
  const double half = z / (1 + z2) * std::sqrt(p * (1 - p) / n + z2 / (4 * n));
  return {p, std::sqrt(p * (1 - p) / n), std::max(0.0, middle - half), std::min(1.0, middle + half), level};
}

CalibrationLine calibration_line(const std::vector<double>& probability, const std::vector<int>& truth, double level) {
  check_scores(probability, truth);
  std::vector<double> lp;
  for (const double v : probability) {
    const double p = std::clamp(v, kClosest, 1 - kClosest);
    lp.push_back(std::log(p) - std::log1p(-p));
  }
  Matrix x(lp.size(), 1);
  std::ranges::copy(lp, x.values.begin());
  const auto line = fit_logistic_regression(x, truth);
  const auto in_the_large = fit_logistic_regression(Matrix(lp.size(), 0), truth, {lp, {}});
  return {coefficient(in_the_large, 0, level), coefficient(line, 0, level), coefficient(line, 1, level)};
}

std::vector<ProbabilityGroup> grouped_probabilities(const std::vector<double>& probability,
                                                    const std::vector<int>& truth, std::size_t groups, double level) {
  check_scores(probability, truth);
  std::vector<ProbabilityGroup> result;
  for (const auto& rows : quantile_groups(probability, groups)) {
    ProbabilityGroup g;
    g.n = rows.size();
    for (const std::size_t i : rows) {
      g.predicted += probability[i] / static_cast<double>(g.n);
      g.positives += truth[i] == 1 ? 1 : 0;
    }
    g.observed = share_estimate(g.positives, g.n, level);
    result.push_back(g);
  }
  return result;
}

SmoothProbabilities smooth_probabilities(const std::vector<double>& probability, const std::vector<int>& truth) {
  check_scores(probability, truth);
  std::vector<std::size_t> order(probability.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  // Equal probabilities by class, so that the order of the rows changes nothing.
  std::ranges::sort(order, {}, [&](std::size_t i) { return std::pair(probability[i], truth[i]); });
  SmoothProbabilities result;
  std::vector<double> y, differences;
  for (const std::size_t i : order) {
    result.predicted.push_back(probability[i]);
    y.push_back(truth[i]);
  }
  result.observed = lowess(result.predicted, y, {2.0 / 3, 0, {}});
  for (std::size_t i = 0; i < order.size(); ++i)
    differences.push_back(std::abs(result.observed[i] - result.predicted[i]));
  std::ranges::sort(differences);
  result.ici = std::accumulate(differences.begin(), differences.end(), 0.0) / static_cast<double>(differences.size());
  result.e50 = quantile_r7(differences, 0.5);
  result.e90 = quantile_r7(differences, 0.9);
  return result;
}

}  // namespace gliocast::stats
