#include <gliocast/stats/estimate.hpp>

#include <gliocast/stats/distributions.hpp>

#include <algorithm>

namespace gliocast::stats {
namespace {
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
}

Estimate unknown_estimate(double level) { return {kNaN, kNaN, kNaN, kNaN, level}; }

Estimate value_alone(double value, double level) { return {value, kNaN, kNaN, kNaN, level}; }

Estimate normal_estimate(double value, double se, double level, double least, double most) {
  const double half = normal_quantile(0.5 + level / 2) * se;
  // The order of the arguments lets NaN through: std::max(0.0, NaN) would be 0.
  return {value, se, std::max(value - half, least), std::min(value + half, most), level};
}

TestResult z_test(double value, double se) {
  const double z = se > 0 ? value / se : kNaN;
  return {z, 0, normal_two_sided(z)};
}

Comparison compare_with_zero(double difference, double se, double level) {
  return {normal_estimate(difference, se, level), z_test(difference, se)};
}

}  // namespace gliocast::stats
