#pragma once
#include <cstddef>
#include <vector>

namespace gliocast::stats {

/// A number of a column that seems to stand for a missing value.
struct SuspectedCode {
  double code = 0;
  std::size_t rows = 0;
  double low = 0, high = 0;  ///< range of the column's other numbers
};

/// Codes that tables use for missing values (-9, -99, -999 …, 99, 999, 9999 …) among the numbers of a column (NaN:
/// missing already): twice or more, and further from all other numbers than these from each other, or below 0 where no
/// other number is.
[[nodiscard]] std::vector<SuspectedCode> suspected_missing_codes(const std::vector<double>& numbers);

}  // namespace gliocast::stats
