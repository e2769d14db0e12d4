// Performance in subgroups. Reference: R 4, pROC 1.18.0 (ci.auc, direction "<") and survival 3.5-3
// (concordance(Surv(time, event) ~ risk + strata(fold), reverse = TRUE), its standard error times sqrt(1 + 2/1)).
#include <gliocast/analysis/subgroups.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

namespace gliocast::analysis {
namespace {

const std::vector<double> kScore{0.91, 0.83, 0.77, 0.71, 0.66, 0.64, 0.58, 0.52, 0.49, 0.44, 0.41,
                                 0.37, 0.33, 0.29, 0.25, 0.21, 0.18, 0.12, 0.62, 0.35, 0.55, 0.47};
const std::vector<int> kTruth{1, 1, 1, 0, 1, 1, 0, 1, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 0, 1, 1, 0};

SubgroupFactor sex() {
  SubgroupFactor f{"Sex", {}};
  for (int i = 0; i < 20; ++i) f.level.emplace_back(i % 2 == 0 ? "F" : "M");
  f.level.insert(f.level.end(), {"", "M"});
  return f;
}

struct Expected {
  std::string level;
  std::size_t patients, events;
  double value, low, high;
};

void expect(const SubgroupResult& r, const Expected& e) {
  EXPECT_EQ(r.level, e.level);
  EXPECT_EQ(r.patients, e.patients) << e.level;
  EXPECT_EQ(r.events, e.events) << e.level;
  EXPECT_EQ(r.too_small, "") << e.level;
  EXPECT_NEAR(r.estimate.value, e.value, 1e-9) << e.level;
  EXPECT_NEAR(r.estimate.low, e.low, 1e-9) << e.level;
  EXPECT_NEAR(r.estimate.high, e.high, 1e-9) << e.level;
}

}  // namespace

TEST(Subgroups, AucIsThatOfPRoc) {
  const auto found = auc_in_subgroups(kScore, kTruth, {sex()}, 0.95);
  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(found[0].factor, "All patients");
  expect(found[0], {"", 22, 11, 0.7024793388, 0.4768666166, 0.9280920610});
  expect(found[1], {"F", 10, 4, 0.8333333333, 0.4907287385, 1});
  expect(found[2], {"M", 11, 6, 0.6333333333, 0.2666576473, 1});
}

TEST(Subgroups, ConcordanceIsThatOfRWithTheVarianceOfFolds) {
  survival::SurvivalSample s;
  s.time = {12, 30, 25, 41, 8, 55, 60, 22, 37, 44, 19, 51, 9, 28, 33, 47, 15, 39, 62, 5, 27, 58};
  s.event = {1, 1, 0, 1, 1, 0, 1, 1, 0, 1, 1, 0, 1, 1, 0, 1, 1, 0, 1, 1, 1, 0};
  const std::vector<double> signature{0.2,  0.5, 0.3,  0.7,  0.1,  0.9,  0.8,  0.45, 0.52, 0.61, 0.33,
                                      0.95, 0.4, 0.36, 0.58, 0.49, 0.22, 0.66, 0.71, 0.15, 0.63, 0.85};
  std::vector<int> fold;
  SubgroupFactor pairs{"Pairs", {}};
  for (int i = 0; i < 22; ++i) {
    fold.push_back(i % 2);
    pairs.level.emplace_back(i % 4 < 2 ? "F" : "M");
  }
  const auto found = concordance_in_subgroups(s, signature, fold, {sex(), pairs}, 0.95);
  ASSERT_EQ(found.size(), 5U);
  expect(found[0], {"", 22, 15, 0.8571428571, 0.6844541510, 1});
  expect(found[1], {"F", 10, 7, 0.8333333333, 0.5066726692, 1});
  expect(found[2], {"M", 11, 7, 0.8913043478, 0.6661833977, 1});
  expect(found[3], {"F", 12, 8, 0.8846153846, 0.6155839851, 1});
  expect(found[4], {"M", 10, 7, 0.8, 0.3802442243, 1});
  // Censored in one group, everybody: nothing can be said of it.
  SubgroupFactor events{"Event", {}};
  for (const char e : s.event) events.level.emplace_back(e ? "died" : "lives");
  const auto none = concordance_in_subgroups(s, signature, {}, {events}, 0.95);
  EXPECT_EQ(none[1].too_small, "");
  EXPECT_EQ(none[2].too_small, "too small: fewer than 10 patients");
}

TEST(Subgroups, SmallGroupsAndSingleClassesHaveNoNumber) {
  SubgroupFactor class_itself{"Grade", {}}, one{"Centre", std::vector<std::string>(22, "A")};
  for (const int t : kTruth) class_itself.level.emplace_back(t ? "high" : "low");
  SubgroupFactor small{"Centre", std::vector<std::string>(22, "A")};
  for (std::size_t i = 0; i < 9; ++i) small.level[i] = "B";
  const auto found = auc_in_subgroups(kScore, kTruth, {class_itself, one, small}, 0.95);
  ASSERT_EQ(found.size(), 5U) << "a centre alone parts nobody";
  EXPECT_EQ(found[1].too_small, "one class alone");
  EXPECT_EQ(found[2].too_small, "one class alone");
  EXPECT_EQ(found[3].too_small, "");
  EXPECT_EQ(found[4].level, "B");
  EXPECT_EQ(found[4].too_small, "too small: fewer than 10 patients");
  EXPECT_TRUE(std::isnan(found[4].estimate.value));
  TextTable table;
  add_subgroup_rows("grading", "AUC", found, 0.95, table);
  EXPECT_EQ(table.columns.back(), "95 % CI");
  EXPECT_EQ(table.rows[0],
            (std::vector<std::string>{"grading", "All patients", "–", "22", "11", "AUC", "0.702", "0.477–0.928"}));
  EXPECT_EQ(table.rows[4].back(), "too small: fewer than 10 patients");
  EXPECT_EQ(table.rows[4][6], "–");
  const auto figure = subgroup_figure("AUC", found, 0.95);
  ASSERT_EQ(figure.rows.size(), 5U);
  EXPECT_EQ(figure.rows[4].label, "Centre: B, 9 (6)");
}

TEST(Subgroups, HalvesAreBelowAndFromTheMedianOn) {
  const double none = std::nan("");
  const std::vector<double> age{30, none, 50, 61, 44};
  EXPECT_EQ(median_of_known(age), 47);
  EXPECT_TRUE(std::isnan(median_of_known({none})));
  EXPECT_EQ(halves_at("Age", age, 47).level, (std::vector<std::string>{"< 47", "", "≥ 47", "≥ 47", "< 47"}));
  EXPECT_EQ(halves_at("Age", {50}, 50).level, std::vector<std::string>{"≥ 50"});
}

}  // namespace gliocast::analysis
