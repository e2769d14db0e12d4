// On 1,000 simulated tables the intervals of a Cox model hold the true hazard ratios as often as they promise.
#include <gliocast/survival/cox.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <random>

namespace gliocast::survival {
namespace {

constexpr double kTrue[] = {0.7, -0.4, 0.0};

CoxData simulate(std::mt19937_64& random, std::size_t n) {
  std::normal_distribution<double> normal;
  std::exponential_distribution<double> exponential;
  CoxData d;
  d.x = stats::Matrix(n, 3);
  d.names = {"binary", "normal", "noise"};
  for (std::size_t i = 0; i < n; ++i) {
    d.x(i, 0) = static_cast<double>(random() % 2);
    d.x(i, 1) = normal(random);
    d.x(i, 2) = normal(random);
    double lp = 0;
    for (std::size_t c = 0; c < 3; ++c) lp += kTrue[c] * d.x(i, c);
    const double event = exponential(random) / std::exp(lp), censoring = 2.5 * exponential(random);
    d.time.push_back(std::min(event, censoring));
    d.event.push_back(event <= censoring);
  }
  return d;
}

TEST(CoxInvariant, IntervalsCoverTheTruth) {
  constexpr int kTables = 1000;
  constexpr double kZ = 1.959963984540054;
  std::mt19937_64 random(7);
  int covered[3] = {}, robust[3] = {};
  for (int t = 0; t < kTables; ++t) {
    const auto fit = fit_cox(simulate(random, 300), {Ties::Efron, 20, 1e-9, true});
    for (std::size_t c = 0; c < 3; ++c) {
      const double error = std::abs(fit.coefficients[c] - kTrue[c]);
      covered[c] += error < kZ * std::sqrt(fit.variance(c, c));
      robust[c] += error < kZ * std::sqrt(fit.robust_variance(c, c));
    }
  }
  for (std::size_t c = 0; c < 3; ++c) {
    std::printf("coverage of column %zu: %.1f %%, robust %.1f %%\n", c, 100.0 * covered[c] / kTables,
                100.0 * robust[c] / kTables);
    EXPECT_NEAR(100.0 * covered[c] / kTables, 95, 1.5);
    EXPECT_NEAR(100.0 * robust[c] / kTables, 95, 2.5);
  }
}

}  // namespace
}  // namespace gliocast::survival
