// AUC by hand and against scikit-learn's value on a table of ties; bootstrap properties.
#include <gliocast/core/random.hpp>
#include <gliocast/stats/resampling.hpp>
#include <gliocast/stats/roc.hpp>

#include <gtest/gtest.h>

#include <cmath>

using namespace gliocast::stats;

TEST(RocOracle, SixPatientsByHand) {
  // Positives 0.9, 0.8, 0.4; negatives 0.7, 0.4, 0.1. Pairs won: 3 + 3 + (0.4 beats 0.1, ties 0.4) 1.5 = 7.5 of 9.
  EXPECT_DOUBLE_EQ(auc({0.9, 0.8, 0.4, 0.7, 0.4, 0.1}, {1, 1, 1, 0, 0, 0}), 7.5 / 9);
}

TEST(RocOracle, MatchesScikitLearn) {
  // scikit-learn 1.5: roc_auc_score([0,0,1,1], [0.1,0.4,0.35,0.8]) = 0.75 (its documentation's example).
  EXPECT_DOUBLE_EQ(auc({0.1, 0.4, 0.35, 0.8}, {0, 0, 1, 1}), 0.75);
}

TEST(RocOracle, WithinGroupsByHand) {
  // Group 0: 0.9 beats 0.7, 0.4 does not. Group 1: 0.1 ties 0.1. Group 2 has one class. Pairs won: 1.5 of 3.
  const std::vector<double> scores{0.9, 0.4, 0.7, 0.1, 0.1, 0.2, 0.3};
  EXPECT_DOUBLE_EQ(auc_within(scores, {1, 1, 0, 1, 0, 0, 0}, {0, 0, 0, 1, 1, 2, 2}), 0.5);
  EXPECT_DOUBLE_EQ(auc_within(scores, {1, 1, 0, 1, 0, 0, 0}, std::vector<std::size_t>(7, 4)),
                   auc(scores, {1, 1, 0, 1, 0, 0, 0}));
  EXPECT_TRUE(std::isnan(auc_within({0.1, 0.9}, {0, 1}, {0, 1})));
}

TEST(RocOracle, OneClassIsUndefined) { EXPECT_TRUE(std::isnan(auc({1, 2}, {1, 1}))); }

TEST(RocOracle, BootstrapCoversAndIsSeeded) {
  gliocast::Random r(3);
  std::vector<double> score;
  std::vector<int> truth;
  for (int i = 0; i < 80; ++i) {
    truth.push_back(i % 2);
    score.push_back(r.normal() + 1.0 * (i % 2));
  }
  const auto statistic = [&](const std::vector<std::size_t>& draw) {
    std::vector<double> s;
    std::vector<int> t;
    for (const auto i : draw) {
      s.push_back(score[i]);
      t.push_back(truth[i]);
    }
    return auc(s, t);
  };
  const auto a = bootstrap_estimate(truth, statistic, {500}), b = bootstrap_estimate(truth, statistic, {500});
  EXPECT_EQ(a.low, b.low);
  EXPECT_LT(a.low, auc(score, truth));
  EXPECT_GT(a.high, auc(score, truth));
  EXPECT_GT(a.high - a.low, 0.1);  // 80 patients: Hanley–McNeil's standard error is about 0.05
  EXPECT_LT(a.high - a.low, 0.35);
}
