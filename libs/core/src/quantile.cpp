#include <gliocast/core/quantile.hpp>

#include <cmath>
#include <limits>

namespace gliocast {

double quantile_r7(std::span<const double> sorted, double p) {
  if (sorted.empty()) return std::numeric_limits<double>::quiet_NaN();
  const double h = p * static_cast<double>(sorted.size() - 1);
  const double fuzz = 4 * std::numeric_limits<double>::epsilon();
  const double low = std::floor(h + fuzz);
  double fraction = h - low;
  if (std::abs(fraction) < fuzz) fraction = 0;
  const auto i = static_cast<std::size_t>(std::clamp(low, 0.0, static_cast<double>(sorted.size() - 1)));
  if (fraction == 0 || i + 1 >= sorted.size()) return sorted[i];
  return (1 - fraction) * sorted[i] + fraction * sorted[i + 1];
}

double quantile_linear(std::span<const double> sorted, double p) {
  if (sorted.empty()) return std::numeric_limits<double>::quiet_NaN();
  const double position = p * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(position);
  if (below + 1 >= sorted.size()) return sorted.back();
  return sorted[below] + (position - static_cast<double>(below)) * (sorted[below + 1] - sorted[below]);
}

double NumpyQuantiles::percentile(double percent) {
  if (values_.empty()) return std::numeric_limits<double>::quiet_NaN();
  const double position = percent / 100 * static_cast<double>(values_.size() - 1);
  const auto below = static_cast<std::size_t>(position);
  const auto place = values_.begin() + static_cast<std::ptrdiff_t>(below);
  std::nth_element(values_.begin() + static_cast<std::ptrdiff_t>(from_), place, values_.end());
  from_ = below;
  if (below + 1 >= values_.size()) return *place;
  const double t = position - static_cast<double>(below), a = *place, b = *std::min_element(place + 1, values_.end());
  return t < 0.5 ? a + (b - a) * t : b - (b - a) * (1 - t);
}

}  // namespace gliocast
