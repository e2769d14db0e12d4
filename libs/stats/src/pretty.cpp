#include <gliocast/stats/pretty.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

namespace gliocast::stats {
namespace {

constexpr double kBias = 1.5, kBiasFive = 0.5 + 1.5 * kBias, kRounding = 1e-10;

/// Of 1, 2, 5 and 10 times a power of ten, the one that fits a cell, larger ones favoured.
double round_unit(double cell) {
  const double base = std::pow(10, std::floor(std::log10(cell)));
  double unit = base;
  if (2 * base - cell < kBias * (cell - unit)) unit = 2 * base;
  if (unit != base && 5 * base - cell < kBiasFive * (cell - unit)) {
    unit = 5 * base;
    if (10 * base - cell < kBias * (cell - unit)) unit = 10 * base;
  }
  return unit;
}

}  // namespace

std::vector<double> pretty(double low, double high, int intervals) {
  const double range = high - low;
  const int fewest = intervals / 3;
  double cell = std::max(std::abs(low), std::abs(high));
  const double noise = (1 + 1 / (1 + kBias)) * std::max(1, intervals) * std::numeric_limits<double>::epsilon();
  if (range == 0 && high == 0) cell = 1;
  if ((range == 0 && high == 0) || range < cell * noise * 3) {
    if (cell > 10) cell = 9 + cell / 10;
    cell *= 0.75;
    if (fewest > 1) cell /= fewest;
  } else {
    cell = range / std::max(1, intervals);
  }
  const double unit = round_unit(std::max(cell, 20 * std::numeric_limits<double>::min()));
  double first = std::floor(low / unit + kRounding), last = std::ceil(high / unit - kRounding);
  while (first * unit > low + kRounding * unit) --first;
  while (last * unit < high - kRounding * unit) ++last;
  const int missing = fewest - static_cast<int>(0.5 + last - first);
  if (missing > 0) {
    const int half = missing / 2, rest = missing % 2;
    last += first >= 0 ? half : half + rest;
    first -= first >= 0 ? half + rest : half;
  }
  std::vector<double> values;
  for (double k = first; k <= last; ++k) values.push_back(k * unit);
  return values;
}

std::vector<double> round_ticks(double low, double high, int intervals) {
  constexpr double kNearTick = 1e-9;  // of a step: an end that misses a tick by rounding has it
  const double raw = (high - low) / intervals, power = std::pow(10, std::floor(std::log10(raw)));
  double step = 10 * power;
  for (const double m : {1.0, 2.0, 5.0})
    if (m * power >= raw) {
      step = m * power;
      break;
    }
  std::vector<double> ticks;
  const double first = std::ceil(low / step - kNearTick), last = std::floor(high / step + kNearTick);
  for (double k = first; k <= last; ++k) ticks.push_back(k * step);
  return ticks;
}

}  // namespace gliocast::stats
