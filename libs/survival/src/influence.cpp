#include <gliocast/survival/influence.hpp>

#include <cmath>
#include <limits>

namespace gliocast::survival {
namespace {
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
}

InfluenceEstimate unknown_influence(std::size_t rows, double level) {
  return {stats::unknown_estimate(level), std::vector<double>(rows, kNaN)};
}

InfluenceEstimate influence_estimate(double value, std::vector<double> influence, double level) {
  const auto n = static_cast<double>(influence.size());
  double mean = 0, squares = 0;
  for (const double v : influence) mean += v / n;
  for (const double v : influence) squares += (v - mean) * (v - mean);
  const double se = n > 1 ? std::sqrt(squares * n / (n - 1)) : kNaN;
  return {stats::normal_estimate(value, se, level), std::move(influence)};
}

InfluenceEstimate difference(const InfluenceEstimate& first, const InfluenceEstimate& second, double level) {
  std::vector<double> influence = first.influence;
  for (std::size_t i = 0; i < influence.size(); ++i) influence[i] -= second.influence[i];
  return influence_estimate(first.value - second.value, std::move(influence), level);
}

}  // namespace gliocast::survival
