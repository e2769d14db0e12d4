// Six patients worked out by hand; the derivation stands beside each number.
#include <gliocast/core/error.hpp>
#include <gliocast/survival/concordance.hpp>
#include <gliocast/survival/cox.hpp>
#include <gliocast/survival/kaplan_meier.hpp>
#include <gliocast/survival/log_rank.hpp>

#include <gtest/gtest.h>

#include <cmath>

namespace gliocast::survival {
namespace {

// Patient:          A  B  C  D  E  F
// time              2  3  3  5  7  8
// event             1  1  0  1  0  1
// group             0  1  0  1  0  1
const SurvivalSample kSix{{2, 3, 3, 5, 7, 8}, {1, 1, 0, 1, 0, 1}, {}, {}};
const std::vector<int> kGroup{0, 1, 0, 1, 0, 1};

TEST(SurvivalHand, KaplanMeierOfSixPatients) {
  // At 2: 6 at risk, S = 5/6. At 3: 5 at risk, one event (the censored one still counts), S = 5/6 · 4/5 = 2/3.
  // At 5: 3 at risk, S = 2/3 · 2/3 = 4/9. At 7: censored. At 8: 1 at risk, S = 0.
  const auto curve = kaplan_meier(kSix, {0.95, ConfidenceType::Plain});
  ASSERT_EQ(curve.steps.size(), 5U);
  EXPECT_DOUBLE_EQ(curve.steps[0].survival, 5.0 / 6);
  EXPECT_DOUBLE_EQ(curve.steps[1].survival, 2.0 / 3);
  EXPECT_EQ(curve.steps[1].n_risk, 5);
  EXPECT_EQ(curve.steps[1].n_censor, 1);
  EXPECT_NEAR(curve.steps[2].survival, 4.0 / 9, 1e-15);
  EXPECT_NEAR(curve.steps[3].survival, 4.0 / 9, 1e-15);
  EXPECT_EQ(curve.steps[4].survival, 0);
  // Greenwood at 5: 1/(6·5) + 1/(5·4) + 1/(3·2) = 0.25, so the error of log S is 0.5, that of S 2/9.
  EXPECT_NEAR(curve.steps[2].se, 0.5, 1e-15);
  EXPECT_NEAR(curve.steps[2].low, 4.0 / 9 - 1.959963984540054 * 2 / 9, 1e-12);
  // S falls below one half at 5.
  EXPECT_EQ(curve.median().value, 5);
  // Nelson-Aalen at 5: 1/6 + 1/5 + 1/3 = 0.7.
  EXPECT_NEAR(curve.steps[2].hazard, 0.7, 1e-15);
  // Mean until 8: 2·1 + 1·5/6 + 2·2/3 + 3·4/9 = 5.5.
  EXPECT_NEAR(curve.restricted_mean(8).value, 5.5, 1e-14);
}

TEST(SurvivalHand, LogRankOfSixPatients) {
  // Expected events of group 1: at 2, 3 of 6 at risk: 1/2; at 3, 3 of 5: 3/5; at 5, 2 of 3: 2/3; at 8, 1 of 1: 1.
  // Sum 2.7666... Variance: 1/4 + 6/25 + 2/9 + 0. Observed in group 1: 3 (B, D, F).
  const double expected = 0.5 + 0.6 + 2.0 / 3 + 1, variance = 0.25 + 0.24 + 2.0 / 9;
  const auto test = log_rank(kSix, kGroup, {"0", "1"});
  EXPECT_EQ(test.groups[1].observed, 3);
  EXPECT_NEAR(test.groups[1].expected, expected, 1e-14);
  EXPECT_NEAR(test.statistic, (3 - expected) * (3 - expected) / variance, 1e-13);
  EXPECT_EQ(test.df, 1);
}

TEST(SurvivalHand, CoxOfTwoGroupsSolvesItsOwnEquation) {
  // With r = exp(β) the score is 3 − [3r/(3 + 3r) + 3r/(2 + 3r) + 2r/(1 + 2r) + 1] (no tied events); its root by
  // bisection.
  double low = 0.01, high = 100;
  for (int i = 0; i < 200; ++i) {
    const double r = (low + high) / 2;
    (3 - (3 * r / (3 + 3 * r) + 3 * r / (2 + 3 * r) + 2 * r / (1 + 2 * r) + 1) > 0 ? low : high) = r;
  }
  CoxData data{kSix.time, kSix.event, {}, {}, {}, {}, {}, stats::Matrix(6, 1), {"group"}};
  data.x.values = {0, 1, 0, 1, 0, 1};
  for (const Ties ties : {Ties::Efron, Ties::Breslow, Ties::Exact}) {
    const auto fit = fit_cox(data, {ties, 30, 1e-14, false});
    EXPECT_NEAR(std::exp(fit.coefficients[0]), low, 1e-9);
    // The score test of one binary column without tied events is the log-rank test.
    EXPECT_NEAR(fit.score.statistic, log_rank(kSix, kGroup, {"0", "1"}).statistic, 1e-12);
    // At β = 0 the likelihood is the product of 1/(number at risk): 1/6 · 1/5 · 1/3 · 1/1.
    EXPECT_NEAR(fit.log_likelihood_null, -std::log(90.0), 1e-13);
  }
}

TEST(SurvivalHand, ConcordanceOfSixPatients) {
  // Scores 5 2 4 4 1 3. Pairs whose earlier time is an event (a censoring at the same time outlives it):
  // A before B C D E F, score 5 is highest: 5 concordant. B (2) before C(4) no, D(4) no, E(1) yes, F(3) no: 1
  // concordant, 3 discordant. D (4) before E(1) yes, F(3) yes: 2 concordant.
  const auto c = concordance(kSix, {5, 2, 4, 4, 1, 3});
  EXPECT_EQ(c.concordant, 8);
  EXPECT_EQ(c.discordant, 3);
  EXPECT_NEAR(c.value, 8.0 / 11, 1e-15);
}

TEST(SurvivalHand, NothingToComputeIsAnError) {
  CoxData data{{1, 2, 3}, {0, 0, 0}, {}, {}, {}, {}, {}, stats::Matrix(3, 1), {"x"}};
  EXPECT_THROW((void)fit_cox(data), Error);
  EXPECT_THROW((void)kaplan_meier({}), Error);
  EXPECT_THROW((void)log_rank(kSix, {0, 0, 0, 0, 0, 0}, {"0"}), Error);
}

// Four patients, events at 1 and 2: survival 3/4, then 2/4. The curve stays at one half until the end of follow-up at
// 4, so the median is midway, (2 + 4) / 2; the lower limit falls to one half at the first event: 0.75 exp(-1.96
// sqrt(1/12)) = 0.43.
TEST(KaplanMeierHand, MedianWhereTheCurveStaysAtOneHalf) {
  const auto median = kaplan_meier({{1, 2, 3, 4}, {1, 1, 0, 0}, {}, {}}).median();
  EXPECT_EQ(median.value, 3);
  EXPECT_EQ(median.low, 1);
  EXPECT_TRUE(std::isnan(median.high));
}

}  // namespace
}  // namespace gliocast::survival
