#pragma once
#include <limits>

namespace gliocast::stats {

/// A value estimated from data, with its standard error and the limits of its interval; NaN where one is not known.
struct Estimate {
  double value = 0, se = 0, low = 0, high = 0;
  double level = 0.95;  ///< coverage of [low, high], in (0, 1)
};

/// Outcome of a two-sided test; NaN where it cannot be computed.
struct TestResult {
  double statistic = 0;  ///< NaN where the test has none
  double df = 0;         ///< degrees of freedom; 0 where the test has none
  double p = 0;
};

/// The difference of two estimates, and the test (z) that there is none.
struct Comparison {
  Estimate difference;
  TestResult test;
};

/// Of a value that is not known: NaN throughout.
[[nodiscard]] Estimate unknown_estimate(double level = 0.95);
/// A value without standard error and limits.
[[nodiscard]] Estimate value_alone(double value, double level = 0.95);
/// The interval by the normal distribution, value ± z se, cut to [least, most]. NaN stays NaN.
[[nodiscard]] Estimate normal_estimate(double value, double se, double level = 0.95,
                                       double least = -std::numeric_limits<double>::infinity(),
                                       double most = std::numeric_limits<double>::infinity());
/// Wald's test that a value is 0. NaN where its standard error is 0 or not known.
[[nodiscard]] TestResult z_test(double value, double se);
/// Both of a difference.
[[nodiscard]] Comparison compare_with_zero(double difference, double se, double level = 0.95);

}  // namespace gliocast::stats
