// Platt's calibration against a general minimiser.
#include <gliocast/stats/logistic_calibration.hpp>

#include <gtest/gtest.h>

using namespace gliocast::stats;

TEST(CalibrationOracle, MatchesScipyMinimisation) {
  // scipy 1.1x: minimize(negative log likelihood with Platt's targets, BFGS then Nelder-Mead), values below.
  const auto fit =
      fit_logistic_calibration({-2.1, -1.3, -0.7, -0.2, 0.1, 0.4, 0.9, 1.6, 2.2, 3.0}, {0, 0, 1, 0, 0, 1, 1, 0, 1, 1});
  EXPECT_NEAR(fit.intercept, -0.20745694, 1e-6);
  EXPECT_NEAR(fit.slope, 0.54411236, 1e-6);
}

TEST(CalibrationOracle, SeparatedClassesStayFinite) {
  const auto fit = fit_logistic_calibration({-2, -1, 1, 2}, {0, 0, 1, 1});
  EXPECT_GT(fit.slope, 0);
  EXPECT_LT(fit.slope, 5);
  EXPECT_NEAR(fit.probability(0), 0.5, 1e-9);
}

TEST(CalibrationOracle, OneClassGivesItsSmoothedShare) {
  const auto fit = fit_logistic_calibration({1, 2, 3}, {1, 1, 1});
  EXPECT_EQ(fit.slope, 0);
  EXPECT_NEAR(fit.probability(9), 0.8, 1e-12);  // (3 + 1) / (3 + 2)
}
