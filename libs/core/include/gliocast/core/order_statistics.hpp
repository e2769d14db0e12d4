#pragma once
#include <algorithm>
#include <vector>

namespace gliocast {

/// The value of rank ⌊p · (n − 1)⌋, 0 ≤ p ≤ 1: a quantile that is always one of the values. Reorders them; there must be one.
[[nodiscard]] inline float ranked(std::vector<float>& values, double p) {
  const auto k = values.begin() + static_cast<std::ptrdiff_t>(p * static_cast<double>(values.size() - 1));
  std::ranges::nth_element(values, k);
  return *k;
}

}  // namespace gliocast
