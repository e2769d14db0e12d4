#include <gliocast/stats/logistic_calibration.hpp>

#include "sigmoid.hpp"

#include <algorithm>
#include <cmath>

namespace gliocast::stats {
double LogisticCalibration::probability(double score) const noexcept { return sigmoid(intercept + slope * score); }

LogisticCalibration fit_logistic_calibration(const std::vector<double>& scores, const std::vector<int>& truth) {
  const auto positives = static_cast<double>(std::ranges::count(truth, 1));
  const double negatives = static_cast<double>(truth.size()) - positives;
  LogisticCalibration fit{std::log((positives + 1) / (negatives + 1)), 0};
  if (positives == 0 || negatives == 0) return fit;
  const double high = (positives + 1) / (positives + 2), low = 1 / (negatives + 2);
  const auto objective = [&](double a, double b) {
    double sum = 0;
    for (std::size_t i = 0; i < scores.size(); ++i) {
      const double x = a + b * scores[i], t = truth[i] == 1 ? high : low;
      sum += softplus(x) - t * x;
    }
    return sum;
  };
  double value = objective(fit.intercept, fit.slope);
  for (int iteration = 0; iteration < 100; ++iteration) {
    double ga = 0, gb = 0, haa = 1e-12, hab = 0, hbb = 1e-12;
    for (std::size_t i = 0; i < scores.size(); ++i) {
      const double p = sigmoid(fit.intercept + fit.slope * scores[i]), d = p - (truth[i] == 1 ? high : low),
                   w = p * (1 - p);
      ga += d;
      gb += d * scores[i];
      haa += w;
      hab += w * scores[i];
      hbb += w * scores[i] * scores[i];
    }
    if (std::abs(ga) < 1e-12 && std::abs(gb) < 1e-12) break;
    const double determinant = haa * hbb - hab * hab;
    if (!(determinant > 0)) break;
    const double da = -(hbb * ga - hab * gb) / determinant, db = -(haa * gb - hab * ga) / determinant;
    double step = 1;
    while (step > 1e-10 && objective(fit.intercept + step * da, fit.slope + step * db) > value) step /= 2;
    fit.intercept += step * da;
    fit.slope += step * db;
    const double next = objective(fit.intercept, fit.slope);
    if (std::abs(value - next) < 1e-15 * std::abs(value)) break;
    value = next;
  }
  return fit;
}

}  // namespace gliocast::stats
