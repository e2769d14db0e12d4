#pragma once
#include <string>
#include <vector>

namespace gliocast::stats {

/// Knots of a restricted cubic spline as Hmisc::rcspline.eval places them: quantiles of the values (missing ones left
/// out), the outer ones moved to the fifth smallest and largest below 100 values. Throws Error{UnusableInput} naming
/// `what` with fewer than 6 values or fewer than 3 different knots. Source: Harrell, Regression Modeling
/// Strategies, 2.4.6.
[[nodiscard]] std::vector<double> spline_knots(const std::vector<double>& values, std::size_t knots,
                                               const std::string& what);

/// The knots − 2 nonlinear terms at x, divided by (last − first knot)² as rms does.
[[nodiscard]] std::vector<double> spline_terms(double x, const std::vector<double>& knots);

}  // namespace gliocast::stats
