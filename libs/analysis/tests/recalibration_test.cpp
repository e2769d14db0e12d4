#include <gliocast/analysis/recalibration.hpp>

#include <gliocast/core/error.hpp>
#include <gliocast/stats/classification_metrics.hpp>
#include <gliocast/survival/calibration.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <string>
#include <vector>

namespace gliocast::analysis {
namespace {

std::vector<std::string> names(std::size_t n) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < n; ++i) out.push_back("row " + std::to_string(i));
  return out;
}

/// Probabilities whose logits are twice what they should be, and 1 too high.
struct Miscalibrated {
  std::vector<double> probability;
  std::vector<int> truth;

  explicit Miscalibrated(std::size_t n) {
    std::mt19937 random(3);
    std::normal_distribution<double> normal;
    std::uniform_real_distribution<double> uniform;
    for (std::size_t i = 0; i < n; ++i) {
      const double logit = normal(random);
      truth.push_back(uniform(random) < 1 / (1 + std::exp(-logit)) ? 1 : 0);
      probability.push_back(1 / (1 + std::exp(-(2 * logit + 1))));
    }
  }
};

TEST(Recalibration, FindsTheLineAndLowersTheBrierScoreOfRowsItDidNotSee) {
  const Miscalibrated data(2000);
  const auto line = recalibrate_probabilities(data.probability, data.truth, names(2000), false);
  EXPECT_NEAR(line.slope, 0.5, 0.1);
  EXPECT_NEAR(line.intercept, -0.5, 0.15);
  const auto large = recalibrate_probabilities(data.probability, data.truth, names(2000), true);
  EXPECT_EQ(large.slope, 1);
  const double before = stats::brier_score(data.probability, data.truth),
               after = stats::brier_score(line.probability, data.truth);
  EXPECT_LT(after, before);
  EXPECT_LT(after, stats::brier_score(large.probability, data.truth));
}

TEST(Recalibration, NobodyIsPredictedByWhatHeFitted) {
  // Of labels that say nothing of the score, the fit's own rows look better than those left out.
  std::mt19937 random(5);
  std::normal_distribution<double> normal;
  std::vector<double> probability;
  std::vector<int> truth;
  for (int i = 0; i < 30; ++i) {
    probability.push_back(1 / (1 + std::exp(-normal(random))));
    truth.push_back(i % 2);
  }
  const auto line = recalibrate_probabilities(probability, truth, names(30), false);
  std::vector<double> own;
  for (const double p : probability)
    own.push_back(1 / (1 + std::exp(-(line.intercept + line.slope * std::log(p / (1 - p))))));
  EXPECT_GT(stats::brier_score(line.probability, truth), stats::brier_score(own, truth));
}

TEST(Recalibration, DoesNotDependOnTheOrderOfRows) {
  const Miscalibrated data(40);
  const auto ids = names(40);
  const auto forward = recalibrate_probabilities(data.probability, data.truth, ids, false);
  const std::vector<double> p(data.probability.rbegin(), data.probability.rend());
  const std::vector<int> y(data.truth.rbegin(), data.truth.rend());
  const auto back = recalibrate_probabilities(p, y, {ids.rbegin(), ids.rend()}, false);
  for (std::size_t i = 0; i < 40; ++i) EXPECT_NEAR(forward.probability[i], back.probability[39 - i], 1e-9);
}

TEST(Recalibration, TooFewOfAGradeAreRefused) {
  EXPECT_THROW((void)recalibrate_probabilities({0.1, 0.2, 0.3}, {0, 0, 1}, names(3), false), Error);
}

TEST(Recalibration, SurvivalGetsItsSlopeAndBaseline) {
  // Times are exponential with the hazard exp(x) / 10; the model says 2 x, and knows no baseline.
  std::mt19937 random(7);
  std::normal_distribution<double> normal;
  std::exponential_distribution<double> exponential;
  survival::SurvivalSample sample;
  std::vector<double> predictor, x;
  for (int i = 0; i < 1000; ++i) {
    x.push_back(normal(random));
    predictor.push_back(2 * x.back());
    const double time = exponential(random) * 10 / std::exp(x.back());
    sample.time.push_back(std::min(time, 30.0));
    sample.event.push_back(time < 30 ? 1 : 0);
  }
  const auto out = recalibrate_survival(sample, predictor, {5}, names(1000), false);
  EXPECT_NEAR(out.slope, 0.5, 0.05);
  double worst = 0;
  for (std::size_t i = 0; i < 1000; ++i)
    worst = std::max(worst, std::abs(out.survival[i][0] - std::exp(-0.5 * std::exp(x[i]))));
  EXPECT_LT(worst, 0.1);
  EXPECT_EQ(recalibrate_survival(sample, predictor, {5}, names(1000), true).slope, 1);
}

}  // namespace
}  // namespace gliocast::analysis
