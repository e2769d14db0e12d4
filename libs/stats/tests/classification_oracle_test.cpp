// Metrics, calibration and thresholds of two classes against scikit-learn and R (tests/reference/stats/
// expected_classification.py and .R).
#include "test_paths.hpp"

#include <gliocast/core/files.hpp>
#include <gliocast/core/json.hpp>
#include <gliocast/stats/classification_metrics.hpp>
#include <gliocast/stats/decision_curve.hpp>
#include <gliocast/stats/isotonic.hpp>
#include <gliocast/stats/logistic_regression.hpp>
#include <gliocast/stats/lowess.hpp>
#include <gliocast/stats/probability_calibration.hpp>
#include <gliocast/stats/threshold.hpp>

#include <gtest/gtest.h>
#include <compared.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>

using namespace gliocast;
using namespace gliocast::stats;

namespace {

using test_support::Compared;
using Numbers = std::vector<double>;

Json expected(const std::string& name) { return read_json(GLIOCAST_SOURCE_DIR "/tests/reference/stats/" + name); }

struct Case {
  Json python, r;
  Numbers probability;
  std::vector<int> truth;
};

std::vector<Case> cases() {
  const Json python = expected("expected_classification.json").at("cases"),
             r = expected("expected_classification_r.json").at("cases");
  std::vector<Case> all;
  for (std::size_t i = 0; i < python.size(); ++i)
    all.push_back({python[i], r[i], python[i].at("probability"), python[i].at("truth")});
  return all;
}

}  // namespace

TEST(ClassificationOracle, MetricsAtThresholdsAreScikitLearns) {
  Compared compared(1e-12);
  for (const auto& c : cases())
    for (const auto& at : c.python.at("at")) {
      const Confusion m = confusion_at(c.probability, c.truth, at.at("threshold"));
      EXPECT_EQ((std::vector{m.true_positive, m.false_positive, m.true_negative, m.false_negative}),
                at.at("counts").get<std::vector<std::size_t>>());
      const std::vector<std::pair<std::string, double>> values{{"accuracy", m.accuracy()},
                                                               {"sensitivity", m.sensitivity()},
                                                               {"specificity", m.specificity()},
                                                               {"ppv", m.ppv()},
                                                               {"npv", m.npv()},
                                                               {"f1", m.f1()},
                                                               {"balanced_accuracy", m.balanced_accuracy()},
                                                               {"mcc", m.mcc()}};
      for (const auto& [name, value] : values) compared.add(value, at.at(name), name);
    }
  compared.print("stats", "accuracy, sensitivity, specificity, PPV, NPV, F1, balanced accuracy, MCC",
                 "scikit-learn 1.9");
}

TEST(ClassificationOracle, ScoresOfProbabilitiesAreScikitLearns) {
  Compared compared(1e-12);
  for (const auto& c : cases()) {
    compared.add(brier_score(c.probability, c.truth), c.python.at("brier"), "Brier");
    compared.add(log_loss(c.probability, c.truth), c.python.at("log_loss"), "log loss");
    compared.add(average_precision(c.probability, c.truth), c.python.at("average_precision"), "AP");
    const auto curve = precision_recall_curve(c.probability, c.truth);
    const Json& wanted = c.python.at("precision_recall");
    ASSERT_EQ(curve.size(), wanted.size());
    for (std::size_t i = 0; i < curve.size(); ++i)
      compared.add_all({curve[i].threshold, curve[i].precision, curve[i].recall}, wanted[i], "curve");
  }
  compared.print("stats", "Brier score, log loss, average precision and its curve", "scikit-learn 1.9");
}

TEST(ClassificationOracle, IsotonicIsScikitLearnsAndRs) {
  Compared compared(1e-12);
  for (const auto& c : cases()) {
    const auto curve = fit_isotonic(c.probability, Numbers(c.truth.begin(), c.truth.end()));
    const Numbers at = c.python.at("isotonic").at("at");
    for (std::size_t i = 0; i < at.size(); ++i)
      compared.add(curve.value(at[i]), c.python.at("isotonic").at("value")[i], "isotonic");
    Numbers sorted = c.probability, values;
    std::ranges::sort(sorted);
    for (const double p : sorted) values.push_back(curve.value(p));
    compared.add_all(values, c.r.at("smooth").at("isoreg"), "isoreg");
  }
  compared.print("stats", "isotonic regression", "scikit-learn 1.9, R 4.2 (isoreg)");
}

TEST(ClassificationOracle, SmoothCurvesAreRs) {
  Compared compared(1e-12);
  for (const auto& c : cases()) {
    const Json& r = c.r.at("smooth");
    const auto smooth = smooth_probabilities(c.probability, c.truth);
    compared.add_all(smooth.observed, r.at("plain"), "plain");
    std::vector<std::size_t> order(c.truth.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::sort(order, {}, [&](std::size_t i) { return std::pair(c.probability[i], c.truth[i]); });
    Numbers y;
    for (const std::size_t i : order) y.push_back(c.truth[i] + std::sin(5 * c.probability[i]));
    compared.add_all(lowess(smooth.predicted, y), r.at("robust"), "robust");
    compared.add_all(lowess(smooth.predicted, y, {0.3, 2, 0.0}), r.at("narrow"), "narrow");
  }
  compared.print("stats", "smooth calibration curve, robust and not", "R 4.2 (lowess)");
}

TEST(ClassificationOracle, GroupsAndTheirIntervalsAreRs) {
  Compared compared(1e-12);
  for (const auto& c : cases()) {
    const auto groups = grouped_probabilities(c.probability, c.truth, 5);
    const Json& r = c.r.at("groups");
    ASSERT_EQ(groups.size(), r.size());
    for (std::size_t i = 0; i < groups.size(); ++i) {
      EXPECT_EQ(groups[i].n, r[i].at("n").get<std::size_t>());
      compared.add(groups[i].predicted, r[i].at("predicted"), "predicted");
      const auto& o = groups[i].observed;
      compared.add_all({o.value, o.low, o.high}, r[i].at("observed"), "observed");
    }
  }
  compared.print("stats", "grouped calibration with Wilson's intervals", "R 4.2 (prop.test)");
}

TEST(ClassificationOracle, CalibrationLineIsRsGlm) {
  Compared compared(1e-8);
  for (const auto& c : cases()) {
    if (!c.r.contains("calibration")) continue;
    const auto line = calibration_line(c.probability, c.truth);
    const auto check = [&](const Estimate& e, const std::string& name) {
      compared.add_all({e.value, e.se, e.low, e.high}, c.r.at("calibration").at(name), name);
    };
    check(line.in_the_large, "in_the_large");
    check(line.intercept, "intercept");
    check(line.slope, "slope");
  }
  compared.print("stats", "calibration intercept and slope, standard errors, limits", "R 4.2 (glm)");
}

TEST(ClassificationOracle, ThresholdsArePRocs) {
  Compared compared(1e-12);
  for (const auto& c : cases()) {
    const Json& r = c.r.at("thresholds");
    const auto check = [&](const ThresholdRule& rule, const Json& wanted) {
      const double t = choose_threshold(rule, c.probability, c.truth);
      // pROC's lowest threshold is minus infinity.
      if (wanted.is_number())
        compared.add(t, wanted, "threshold");
      else
        EXPECT_EQ(t, std::ranges::min(c.probability));
    };
    check({ThresholdRule::Kind::Youden, 0}, r.at("youden"));
    check({ThresholdRule::Kind::Sensitivity, 0.9}, r.at("sensitivity"));
  }
  compared.print("stats", "thresholds by Youden and by sensitivity", "pROC 1.18");
}

TEST(ClassificationOracle, LogisticRegressionIsRsGlm) {
  Compared compared(1e-8);
  const Json r = expected("expected_classification_r.json").at("regression");
  const std::vector<int> truth = r.at("truth");
  Matrix x(truth.size(), 3);
  for (std::size_t i = 0; i < x.rows; ++i)
    for (std::size_t c = 0; c < 3; ++c) x(i, c) = r.at("x")[i][c].get<double>();
  const auto fit = fit_logistic_regression(x, truth);
  EXPECT_TRUE(fit.converged);
  Numbers coefficients = fit.coefficients;
  coefficients.insert(coefficients.begin(), fit.intercept);
  compared.add_all(coefficients, r.at("coefficients"), "coefficient");
  for (std::size_t i = 0; i < 4; ++i)
    for (std::size_t j = 0; j < 4; ++j) compared.add(fit.covariance(i, j), r.at("covariance")[i][j], "covariance");
  compared.add(fit.deviance, r.at("deviance"), "deviance");
  compared.print("stats", "logistic regression: coefficients, covariance, deviance", "R 4.2 (glm)");
}

TEST(ClassificationOracle, NetBenefitByHand) {
  // Of 5 patients treated at 0.25 three are positive: 3/6 − 2/6 · 1/3; all: 4/6 − 2/6 · 1/3. At 0.8 one is: 1/6.
  const auto curve = decision_curve({0.9, 0.7, 0.6, 0.5, 0.3, 0.1}, {1, 1, 0, 1, 0, 1}, {0.25, 0.8});
  EXPECT_NEAR(curve.model[0], 3.0 / 6 - 2.0 / 18, 1e-15);
  EXPECT_NEAR(curve.all[0], 4.0 / 6 - 2.0 / 18, 1e-15);
  EXPECT_NEAR(curve.model[1], 1.0 / 6, 1e-15);
  EXPECT_NEAR(curve.all[1], 4.0 / 6 - 2.0 / 6 * 4, 1e-14);
}
