// Metrics of two classes at the ends, intervals over patients, order of the rows.
#include <gliocast/core/error.hpp>
#include <gliocast/stats/classification_metrics.hpp>
#include <gliocast/stats/decision_curve.hpp>
#include <gliocast/stats/isotonic.hpp>
#include <gliocast/stats/logistic_regression.hpp>
#include <gliocast/stats/lowess.hpp>
#include <gliocast/stats/probability_calibration.hpp>
#include <gliocast/stats/threshold.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

using namespace gliocast;
using namespace gliocast::stats;

namespace {

const std::vector<double> kProbability{0.9, 0.2, 0.7, 0.55, 0.4, 0.1, 0.8, 0.35, 0.6, 0.3};
const std::vector<int> kTruth{1, 0, 1, 0, 1, 0, 1, 0, 1, 1};

}  // namespace

TEST(ClassificationMechanics, OneClassHasNoMetricOfTheOther) {
  const auto c = confusion_at({0.2, 0.8}, {1, 1}, 0.5);
  EXPECT_EQ(c.sensitivity(), 0.5);
  EXPECT_TRUE(std::isnan(c.specificity()));
  EXPECT_TRUE(std::isnan(c.balanced_accuracy()));
  EXPECT_EQ(c.mcc(), 0);
  EXPECT_TRUE(std::isnan(scaled_brier_score({0.2, 0.8}, {1, 1})));
  EXPECT_TRUE(std::isnan(average_precision({0.2, 0.8}, {0, 0})));
  EXPECT_THROW((void)calibration_line({0.2, 0.8}, {1, 1}), Error);
  EXPECT_THROW((void)choose_threshold({}, {0.2, 0.8}, {1, 1}), Error);
  EXPECT_EQ(choose_threshold({ThresholdRule::Kind::Value, 0.4}, {}, {}), 0.4);
}

TEST(ClassificationMechanics, BadScoresAreRefused) {
  EXPECT_THROW((void)confusion_at({0.2, NAN}, {1, 0}, 0.5), Error);
  EXPECT_THROW((void)brier_score({0.2}, {1, 0}), Error);
  EXPECT_THROW((void)log_loss({}, {}), Error);
  EXPECT_THROW((void)decision_curve({0.2, 0.4}, {1, 0}, {1}), Error);
  EXPECT_THROW((void)fit_isotonic({}, {}), Error);
  EXPECT_THROW((void)fit_isotonic({NAN}, {1}), Error);
  EXPECT_THROW((void)lowess({2, 1}, {1, 1}), Error);
}

TEST(ClassificationMechanics, SeparatedClassesDoNotConverge) {
  Matrix x(4, 1);
  x.values = {1, 2, 3, 4};
  EXPECT_FALSE(fit_logistic_regression(x, {0, 0, 1, 1}).converged);
  EXPECT_TRUE(fit_logistic_regression(x, {0, 0, 1, 1}, {{}, {0.1}}).converged);
  EXPECT_TRUE(std::isnan(calibration_line({0.1, 0.2, 0.8, 0.9}, {0, 0, 1, 1}).slope.value));
  Matrix twice(4, 2);
  twice.values = {1, 2, 3, 4, 2, 4, 6, 8};
  EXPECT_FALSE(fit_logistic_regression(twice, {0, 1, 0, 1}).converged);
}

TEST(ClassificationMechanics, OrderOfRowsChangesNothing) {
  auto p = kProbability;
  auto y = kTruth;
  std::ranges::reverse(p);
  std::ranges::reverse(y);
  EXPECT_NEAR(log_loss(p, y), log_loss(kProbability, kTruth), 1e-14);
  EXPECT_NEAR(average_precision(p, y), average_precision(kProbability, kTruth), 1e-14);
  EXPECT_NEAR(calibration_line(p, y).slope.value, calibration_line(kProbability, kTruth).slope.value, 1e-10);
  EXPECT_EQ(smooth_probabilities(p, y).observed, smooth_probabilities(kProbability, kTruth).observed);
  EXPECT_EQ(choose_threshold({}, p, y), choose_threshold({}, kProbability, kTruth));
}

TEST(ClassificationMechanics, APerfectClassifierHasAllOnes) {
  const std::vector<double> p{1, 0, 1, 0, 1};
  const std::vector<int> y{1, 0, 1, 0, 1};
  const auto c = confusion_at(p, y, choose_threshold({}, p, y));
  for (const double v : {c.accuracy(), c.sensitivity(), c.specificity(), c.ppv(), c.npv(), c.f1(), c.mcc(),
                         average_precision(p, y), scaled_brier_score(p, y)})
    EXPECT_NEAR(v, 1, 1e-15);
  EXPECT_NEAR(log_loss(p, y), 0, 1e-15);
  EXPECT_EQ(fit_isotonic({2, 2, 1}, {1, 0, 0}).value(2), 0.5);
}
