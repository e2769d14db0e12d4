// Influences against what they are by definition: a row's weight times the derivative of the value in it.
#include <gliocast/survival/brier.hpp>
#include <gliocast/survival/reclassification.hpp>
#include <gliocast/survival/time_roc.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <random>

namespace gliocast::survival {
namespace {

struct Sample {
  SurvivalSample survival;
  std::vector<double> first, second;  ///< probabilities of survival
};

/// Tied times, events and censorings at the same time, tied scores, unequal weights.
Sample make_sample() {
  Sample s;
  std::mt19937 random(5);
  const auto draw = [&](unsigned n) { return static_cast<unsigned>(random() % n); };
  for (int i = 0; i < 60; ++i) {
    s.survival.time.push_back(1 + draw(12));
    s.survival.event.push_back(draw(2) == 1);
    s.survival.weights.push_back(0.5 + draw(4) / 2.0);
    s.first.push_back(0.05 + draw(19) / 20.0);
    s.second.push_back(0.05 + draw(19) / 20.0);
  }
  return s;
}

void expect_derivative(const std::function<InfluenceEstimate(const SurvivalSample&)>& value) {
  const Sample s = make_sample();
  const auto estimate = value(s.survival);
  ASSERT_TRUE(std::isfinite(estimate.value));
  ASSERT_EQ(estimate.influence.size(), s.survival.time.size());
  double largest = 0;
  for (std::size_t i = 0; i < s.survival.time.size(); ++i) {
    auto more = s.survival, less = s.survival;
    constexpr double kStep = 1e-5;
    more.weights[i] += kStep;
    less.weights[i] -= kStep;
    const double derivative = (value(more).value - value(less).value) / (2 * kStep);
    EXPECT_NEAR(estimate.influence[i], s.survival.weights[i] * derivative, 1e-8) << "row " << i;
    largest = std::max(largest, std::abs(estimate.influence[i]));
  }
  EXPECT_GT(largest, 1e-3);
}

TEST(Influence, BrierScore) {
  const Sample s = make_sample();
  for (const double time : {3.0, 6.5, 9.0})
    expect_derivative([&](const SurvivalSample& x) { return brier_score(x, CensoringCurve(x), s.first, time); });
}

TEST(Influence, TimeDependentAuc) {
  const Sample s = make_sample();
  for (const double time : {3.0, 6.5, 9.0})
    expect_derivative(
        [&](const SurvivalSample& x) { return time_dependent_roc(x, CensoringCurve(x), s.first, time).auc; });
}

TEST(Influence, DifferenceOfTwoAucs) {
  const Sample s = make_sample();
  expect_derivative([&](const SurvivalSample& x) {
    const CensoringCurve g(x);
    return difference(time_dependent_roc(x, g, s.first, 6).auc, time_dependent_roc(x, g, s.second, 6).auc);
  });
}

TEST(Influence, Reclassification) {
  const Sample s = make_sample();
  const auto result = [&](const SurvivalSample& x) {
    return reclassify(x, CensoringCurve(x), s.first, s.second, 6, {0.3, 0.6});
  };
  expect_derivative([&](const SurvivalSample& x) { return result(x).idi; });
  expect_derivative([&](const SurvivalSample& x) { return result(x).continuous.total; });
  expect_derivative([&](const SurvivalSample& x) { return result(x).categories.events; });
  expect_derivative([&](const SurvivalSample& x) { return result(x).categories.non_events; });
}

// Without censoring the weights are equal, and the interval of an AUC is DeLong's but for terms of order 1/n.
TEST(Influence, NobodyCensoredGivesThePlainMean) {
  const SurvivalSample s{{1, 2, 3, 4}, {1, 1, 1, 1}, {}, {}};
  const auto brier = brier_score(s, CensoringCurve(s), {0.2, 0.4, 0.7, 0.9}, 2);
  // Residuals 0.04, 0.16, 0.09, 0.01: mean 0.075; variance of the mean Σ(r − mean)² / (4 · 3) = 0.0129 / 12.
  EXPECT_NEAR(brier.value, 0.075, 1e-15);
  EXPECT_NEAR(brier.se, std::sqrt(0.0129 / 12), 1e-15);
}

}  // namespace
}  // namespace gliocast::survival
