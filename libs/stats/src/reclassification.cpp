#include <gliocast/stats/reclassification.hpp>

#include <cmath>

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

Comparison tested(double value, double variance, double level) {
  return compare_with_zero(value, std::sqrt(variance), level);
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
