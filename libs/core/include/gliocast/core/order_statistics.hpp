#pragma once
#include <algorithm>
#include <vector>

namespace gliocast {

/// The value of rank ⌊p · (n − 1)⌋, 0 ≤ p ≤ 1: a quantile that is always one of the values. Reorders them; there must
/// be one.
[[nodiscard]] inline float ranked(std::vector<float>& values, double p) {
  const auto k = values.begin() + static_cast<std::ptrdiff_t>(p * static_cast<double>(values.size() - 1));
  std::ranges::nth_element(values, k);
  return *k;
}

/// The middle value; of an even number of values the larger of the two middle ones. There must be one.
[[nodiscard]] inline double upper_median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  return *middle;
}

}  // namespace gliocast
