#pragma once
// Images by a formula, which the scripts of tests/reference/radiomics repeat.
#include <cstddef>

namespace gliocast::test_support {

/// A whole number from 0 on of the voxel (x, y, z).
[[nodiscard]] inline std::size_t formula_value(std::size_t x, std::size_t y, std::size_t z) {
  return (37 * x + 59 * y + 83 * z + x * y / 2 + y * z / 3 + x * z) % 211 + (x * x + 2 * y * y + 3 * z * z) % 97 +
         5 * (x + y);
}

/// Whether it lies in a region with holes.
[[nodiscard]] inline bool formula_region(std::size_t x, std::size_t y, std::size_t z) {
  return (x * x + 3 * y + 5 * z * z + x * y) % 7 < 4;
}

}  // namespace gliocast::test_support
