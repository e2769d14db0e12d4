#pragma once
#include <cstddef>
#include <optional>
#include <vector>

namespace gliocast::stats {

struct LowessOptions {
  double span = 2.0 / 3;        ///< share of the rows that each value is fitted to, in (0, 1]
  std::size_t iterations = 3;   ///< of the weights against outliers; 0 for an outcome of 0 and 1
  std::optional<double> delta;  ///< rows nearer than this are interpolated; none: 1% of the range of x
};

/// Locally weighted straight lines, at each row. `x`: ascending, finite. As R's lowess. Source: Cleveland 1979, 1981.
/// Throws Error{UnusableInput} where x is not ascending or is not as long as y.
[[nodiscard]] std::vector<double> lowess(const std::vector<double>& x, const std::vector<double>& y,
                                         const LowessOptions& options = {});

}  // namespace gliocast::stats
