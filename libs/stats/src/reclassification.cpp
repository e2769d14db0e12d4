#include <gliocast/stats/reclassification.hpp>

#include <gliocast/stats/distributions.hpp>

#include <cmath>
#include <limits>

namespace gliocast::stats {
namespace {

/// Mean of a class and the variance of that mean.
struct Mean {
  double value = 0, variance = 0;
};

/// `lost`: degrees of freedom that the variance gives up, 0 or 1.
Mean mean_of(const std::vector<double>& values, double lost) {
  const auto n = static_cast<double>(values.size());
  Mean m;
  for (const double v : values) m.value += v / n;
  for (const double v : values) m.variance += (v - m.value) * (v - m.value) / (n - lost) / n;
  return m;
}

TestedEstimate tested(double estimate, double variance, double level) {
  TestedEstimate t;
  t.estimate = estimate;
  t.se = std::sqrt(variance);
  const double half = normal_quantile(0.5 + level / 2) * t.se;
  t.lower = estimate - half;
  t.upper = estimate + half;
  t.z = t.se > 0 ? estimate / t.se : std::numeric_limits<double>::quiet_NaN();
  t.p = std::erfc(std::abs(t.z) / std::sqrt(2.0));
  return t;
}

}  // namespace

BinaryReclassification reclassify(const std::vector<double>& first, const std::vector<double>& second,
                                  const std::vector<int>& truth, double level) {
  std::vector<double> change[2], move[2];
  for (std::size_t i = 0; i < truth.size(); ++i) {
    const double d = first[i] - second[i];
    change[truth[i]].push_back(d);
    move[truth[i]].push_back((d > 0) - (d < 0));
  }
  const Mean up = mean_of(move[1], 0), down = mean_of(move[0], 0), positives = mean_of(change[1], 1),
             negatives = mean_of(change[0], 1);
  return {tested(positives.value - negatives.value, positives.variance + negatives.variance, level),
          tested(up.value - down.value, up.variance + down.variance, level), tested(up.value, up.variance, level),
          tested(-down.value, down.variance, level)};
}

}  // namespace gliocast::stats
