// Student's, Welch's and Levene's tests, Mann–Whitney by the normal approximation and adjusted P against R
// (tests/reference/stats/expected_two_sample.R), and what happens at the ends.
#include "test_paths.hpp"

#include <gliocast/core/files.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/stats/adjust_p.hpp>
#include <gliocast/stats/icc.hpp>
#include <gliocast/stats/two_sample_tests.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <limits>

using namespace gliocast;
using namespace gliocast::stats;

namespace {

using Values = std::vector<double>;

Json reference() { return read_json(GLIOCAST_SOURCE_DIR "/tests/reference/stats/expected_two_sample.json"); }

double relative(double value, double expected) {
  return std::abs(value - expected) / std::max(std::abs(expected), 1e-300);
}

/// Largest relative difference of statistic, degrees of freedom and P.
double difference(const NamedTest& test, const Json& expected) {
  return std::max({relative(test.statistic, expected[0].get<double>()), relative(test.df, expected[1].get<double>()),
                   relative(test.p, expected[2].get<double>())});
}

}  // namespace

TEST(TwoSampleOracle, TestsAsR) {
  double t = 0, l = 0, u = 0;
  int n = 0;
  const Json r = reference();
  for (const auto& c : r["cases"]) {
    const auto a = c["a"].get<Values>(), b = c["b"].get<Values>();
    Values third(a.begin() + 1, a.end());
    for (double& v : third) v *= 1.5;
    // R, too, knows values about 1e6 with a spread of 1 to ten digits of it.
    t = std::max({t, difference(student_t(a, b), c["student"]), difference(welch_t(a, b), c["welch"])});
    l = std::max({l, difference(levene({a, b}), c["levene_mean"]),
                  difference(levene({a, b}, LeveneCentre::Median), c["levene_median"]),
                  difference(levene({a, b, third}, LeveneCentre::Median), c["levene_three"])});
    const auto rank = mann_whitney_normal(a, b);
    u = std::max({u, relative(rank.statistic, c["mann_whitney"][0].get<double>()),
                  relative(rank.p, c["mann_whitney"][1].get<double>())});
    ++n;
  }
  EXPECT_GT(n, 20);
  EXPECT_LT(t, 1e-8);
  EXPECT_LT(l, 1e-8);
  EXPECT_LT(u, 1e-11);
  std::printf("VALIDATION stats | Student's and Welch's t | R 4.2 (t.test) | %d | %.1g\n", 2 * n, t);
  std::printf("VALIDATION stats | Levene's test, mean and median, 2 and 3 groups | R car (leveneTest) | %d | %.1g\n",
              3 * n, l);
  std::printf("VALIDATION stats | Mann-Whitney, normal approximation | R 4.2 (wilcox.test) | %d | %.1g\n", n, u);
}

TEST(TwoSampleOracle, AdjustedPAsR) {
  const Json r = reference();
  Values p;
  for (const auto& v : r["p"]) p.push_back(number_or_nan(v));
  const std::pair<const char*, PAdjustment> names[] = {{"none", PAdjustment::None},
                                                       {"bonferroni", PAdjustment::Bonferroni},
                                                       {"holm", PAdjustment::Holm},
                                                       {"BH", PAdjustment::BenjaminiHochberg},
                                                       {"BY", PAdjustment::BenjaminiYekutieli}};
  for (const auto& [name, adjustment] : names) {
    const auto adjusted = adjust_p(p, adjustment);
    for (std::size_t i = 0; i < p.size(); ++i) {
      const double expected = number_or_nan(r["adjusted"][name][i]);
      if (std::isnan(expected))
        EXPECT_TRUE(std::isnan(adjusted[i]));
      else
        EXPECT_NEAR(adjusted[i], expected, 1e-14) << name << " " << i;
    }
  }
}

TEST(TwoSampleOracle, MannWhitneyAsBeforeWhereItIsNormal) {
  const Values a{1, 2, 2, 3, 7, 9}, b{2, 4, 5, 5, 8};
  EXPECT_DOUBLE_EQ(mann_whitney_normal(a, b).p, mann_whitney(a, b).p);
  EXPECT_DOUBLE_EQ(mann_whitney_normal(a, b).statistic, mann_whitney(a, b).statistic);
}

TEST(TwoSampleMechanics, WhatDoesNotVary) {
  const Values same{0.1, 0.1, 0.1}, other{0.3, 0.3}, one{2};
  EXPECT_TRUE(std::isnan(student_t(same, Values{0.1, 0.1}).p));
  EXPECT_TRUE(std::isnan(welch_t(same, Values{0.1, 0.1}).p));
  EXPECT_EQ(student_t(same, other).p, 0);  // told apart without a rest
  EXPECT_TRUE(std::isnan(levene({same, other}).p));
  EXPECT_TRUE(std::isnan(student_t(one, one).p));
  EXPECT_TRUE(std::isnan(welch_t(one, same).p));
  EXPECT_TRUE(std::isnan(levene({one, one}).p));
  EXPECT_TRUE(std::isnan(levene({same, Values{}}).p));
  EXPECT_TRUE(std::isnan(mann_whitney_normal(Values{}, same).p));
  EXPECT_TRUE(std::isnan(mann_whitney_normal(same, Values{0.1}).p));
}

TEST(TwoSampleInvariant, Units) {
  const Values a{1.5, 2, 8, 3, 4.5}, b{2, 9, 7, 11};
  for (const double unit : {1e-140, 1e-9, 1e12, 1e140}) {
    Values x = a, y = b;
    for (double& v : x) v *= unit;
    for (double& v : y) v *= unit;
    EXPECT_NEAR(student_t(x, y).p, student_t(a, b).p, 1e-12);
    EXPECT_NEAR(welch_t(x, y).p, welch_t(a, b).p, 1e-12);
    EXPECT_NEAR(levene({x, y}).p, levene({a, b}).p, 1e-12);
  }
}

TEST(IccOracle, OneAloneIsThatOfTheList) {
  Matrix ratings(5, 2);
  ratings.values = {1, 4, 2, 8, 5, 2, 4, 3, 6, 5.5};
  for (const auto& i : intraclass_correlations(ratings))
    EXPECT_EQ(intraclass_correlation(ratings, i.type), i.estimate.value) << i.type;
  EXPECT_ANY_THROW((void)intraclass_correlation(ratings, "ICC(4,1)"));
}
