#pragma once
#include <cstdint>
#include <vector>

namespace gliocast::radiomics {

/// Grey levels 1 … levels of a region's values.
struct Discretised {
  std::vector<std::uint32_t> level;  ///< of each value, from 1
  std::uint32_t levels = 0;          ///< the highest level
};

/// Fixed bin width, as PyRadiomics: edges from minimum − (minimum mod width) up, half-open bins. `width` > 0. Throws Error{UnusableInput} with the number
/// where more than 10^7 levels would result.
[[nodiscard]] Discretised discretise_width(const std::vector<double>& values, double width);

}  // namespace gliocast::radiomics
