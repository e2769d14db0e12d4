#pragma once
#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

namespace gliocast {

// Quantiles by name of their definition: which one a number was made with changes it, at least in its last digits.
// p in [0, 1]; NaN of no values.

/// R's type 7 of sorted values: linear between neighbours at p (n − 1), whose floor is guarded against its last bit as
/// R does (stats:::quantile.default).
[[nodiscard]] double quantile_r7(std::span<const double> sorted, double p);

/// a + t (b − a) of the two sorted neighbours a, b at p (n − 1): type 7 without R's guard and rounding. Percentile
/// intervals of bootstraps and of the grade are made with it.
[[nodiscard]] double quantile_linear(std::span<const double> sorted, double p);

/// NumPy's "linear", the same definition with its own rounding (numpy.percentile), of many p in ascending order: sorts
/// no more than they need.
class NumpyQuantiles {
 public:
  explicit NumpyQuantiles(std::vector<double> values) : values_(std::move(values)) {}
  /// `percent` in [0, 100], not below that of the call before.
  [[nodiscard]] double percentile(double percent);

 private:
  std::vector<double> values_;
  std::size_t from_ = 0;
};

/// The value of rank ⌊p (n − 1)⌋: always one of the values. Reorders them; there must be one.
[[nodiscard]] inline float quantile_lower(std::vector<float>& values, double p) {
  const auto k = values.begin() + static_cast<std::ptrdiff_t>(p * static_cast<double>(values.size() - 1));
  std::ranges::nth_element(values, k);
  return *k;
}

/// The value of the rank nearest to p (n − 1), halves upwards. Reorders them; there must be one.
[[nodiscard]] inline float quantile_nearest(std::vector<float>& values, double p) {
  const auto k = values.begin() + static_cast<std::ptrdiff_t>(p * static_cast<double>(values.size() - 1) + 0.5);
  std::ranges::nth_element(values, k);
  return *k;
}

/// The middle value; of an even number of values the larger of the two middle ones. There must be one.
template <typename T>
[[nodiscard]] T upper_median(std::vector<T> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  return *middle;
}

}  // namespace gliocast
