#pragma once
#include <vector>

namespace gliocast::stats {

/// A function that never falls: linear between its points, constant beyond the first and the last.
struct IsotonicCurve {
  std::vector<double> x, y;  ///< x ascending, y never falling; at least one point
  [[nodiscard]] double value(double at) const;
};

/// Least squares among the functions that never fall, by pooling adjacent violators; rows of equal x have one value. As
/// scikit-learn's IsotonicRegression(out_of_bounds="clip") and, at the rows, R's isoreg. Throws Error{UnusableInput} on
/// no row or a value that is not finite. Source: Barlow, Bartholomew, Bremner & Brunk 1972. O(n log n).
[[nodiscard]] IsotonicCurve fit_isotonic(const std::vector<double>& x, const std::vector<double>& y);

}  // namespace gliocast::stats
