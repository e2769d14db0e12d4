#pragma once

namespace gliocast::stats {

// Tail probabilities and quantiles. NaN in, NaN out; a degree of freedom that is not positive gives NaN.

[[nodiscard]] double normal_quantile(double p);              ///< p in (0, 1)
[[nodiscard]] double normal_two_sided(double z);             ///< P(|Z| > |z|)
[[nodiscard]] double chi_square_upper(double x, double df);  ///< P(X > x)
[[nodiscard]] double t_two_sided(double t, double df);
[[nodiscard]] double f_upper(double f, double df1, double df2);
[[nodiscard]] double f_quantile(double p, double df1, double df2);

}  // namespace gliocast::stats
