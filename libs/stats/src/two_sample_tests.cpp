#include <gliocast/stats/two_sample_tests.hpp>

#include <gliocast/stats/distributions.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace gliocast::stats {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr double kRounding = 10 * std::numeric_limits<double>::epsilon();  // of a mean, as R's t.test

struct Sample {
  double n = 0, mean = 0, squares = 0;  // squares: sum of squared deviations
};
Sample sample_of(std::span<const double> values) {
  Sample s{static_cast<double>(values.size()), 0, 0};
  s.mean = std::accumulate(values.begin(), values.end(), 0.0) / s.n;
  double rest = 0;  // of rounding, where values are far from 0
  for (const double v : values) rest += v - s.mean;
  s.mean += rest / s.n;
  for (const double v : values) s.squares += (v - s.mean) * (v - s.mean);
  return s;
}

NamedTest t_test(const char* name, const Sample& a, const Sample& b, double standard_error, double df) {
  NamedTest result{{kNaN, df, kNaN}, name};
  const double difference = a.mean - b.mean, rounding = kRounding * std::max(std::abs(a.mean), std::abs(b.mean));
  if (standard_error > rounding) {
    result.statistic = difference / standard_error;
  } else if (std::abs(difference) > rounding) {
    result.statistic = std::copysign(kInf, difference);
  }
  result.p = std::isinf(result.statistic) ? 0 : t_two_sided(result.statistic, df);
  return result;
}

double median(std::span<const double> values) {
  std::vector<double> v(values.begin(), values.end());
  const auto middle = v.begin() + static_cast<std::ptrdiff_t>(v.size() / 2);
  std::ranges::nth_element(v, middle);
  return v.size() % 2 == 1 ? *middle : 0.5 * (*middle + *std::max_element(v.begin(), middle));
}

}  // namespace

NamedTest student_t(std::span<const double> a, std::span<const double> b) {
  if (a.empty() || b.empty() || a.size() + b.size() < 3) return {{kNaN, 0, kNaN}, "Student's t"};
  const Sample x = sample_of(a), y = sample_of(b);
  const double df = x.n + y.n - 2, variance = (x.squares + y.squares) / df;
  return t_test("Student's t", x, y, std::sqrt(variance * (1 / x.n + 1 / y.n)), df);
}

NamedTest welch_t(std::span<const double> a, std::span<const double> b) {
  if (a.size() < 2 || b.size() < 2) return {{kNaN, 0, kNaN}, "Welch's t"};
  const Sample x = sample_of(a), y = sample_of(b);
  const double vx = x.squares / (x.n - 1) / x.n, vy = y.squares / (y.n - 1) / y.n, v = vx + vy;
  // Of ratios, which neither overflow nor vanish with the unit.
  const double df = v > 0 ? 1 / ((vx / v) * (vx / v) / (x.n - 1) + (vy / v) * (vy / v) / (y.n - 1)) : 0;
  return t_test("Welch's t", x, y, std::sqrt(v), df);
}

NamedTest levene(const std::vector<std::span<const double>>& groups, LeveneCentre centre) {
  NamedTest result{{kNaN, 0, kNaN}, "Levene"};
  std::vector<Sample> deviations;
  std::vector<double> distance;
  double n = 0, sum = 0, largest = 0;
  for (const auto& g : groups) {
    if (g.empty()) continue;
    const double middle = centre == LeveneCentre::Mean ? sample_of(g).mean : median(g);
    distance.clear();
    for (const double v : g) {
      distance.push_back(std::abs(v - middle));
      largest = std::max(largest, std::abs(v));
    }
    deviations.push_back(sample_of(distance));
    n += deviations.back().n;
    sum += deviations.back().n * deviations.back().mean;
  }
  const auto k = static_cast<double>(deviations.size());
  if (k < 2 || n <= k) return result;
  double between = 0, within = 0;
  for (const auto& d : deviations) {
    between += d.n * (d.mean - sum / n) * (d.mean - sum / n);
    within += d.squares;
  }
  const double rounding = n * kRounding * kRounding * largest * largest;
  if (between <= rounding) between = 0;
  if (within <= rounding) within = 0;
  result.df = k - 1;
  if (within > 0 || between > 0) result.statistic = within > 0 ? between / (k - 1) / (within / (n - k)) : kInf;
  result.p = f_upper(result.statistic, k - 1, n - k);
  return result;
}

}  // namespace gliocast::stats
