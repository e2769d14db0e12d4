#include <gliocast/analysis/shared_statistics.hpp>

#include <gliocast/stats/roc.hpp>
#include <gliocast/survival/concordance.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace gliocast::analysis {
namespace {

/// Of each grade so many are called high.
GradedRows graded(std::size_t tp, std::size_t fn, std::size_t fp, std::size_t tn) {
  GradedRows rows;
  const auto add = [&](std::size_t n, int truth, int positive) {
    for (std::size_t i = 0; i < n; ++i) {
      rows.ids.push_back("p" + std::to_string(rows.ids.size()));
      rows.truth.push_back(truth);
      rows.positive.push_back(positive);
      const double place = static_cast<double>(i + 1) / static_cast<double>(n + 1);
      rows.probability.push_back(positive == 1 ? 0.5 + place / 2 : place / 2);
    }
  };
  add(tp, 1, 1);
  add(fn, 1, 0);
  add(fp, 0, 1);
  add(tn, 0, 0);
  return rows;
}

struct Shared {
  CountCells cells;
  SharedGrading grading;
  explicit Shared(const GradedRows& rows, bool recalibrate = false)
      : grading(share_grading(rows, cells.add("graded", rows.truth.size()), {0.95, recalibrate, 1}, cells)) {
    cells.protect();
  }
  [[nodiscard]] Json json() const { return statistics_json(grading.statistics, cells); }
};

TEST(SharedGrading, OfManyPatientsAllIsTold) {
  const auto rows = graded(20, 6, 7, 30);
  const Shared s(rows);
  const auto json = s.json();
  EXPECT_EQ(json["auc"]["estimate"], stats::auc(rows.probability, rows.truth));
  EXPECT_DOUBLE_EQ(json["sensitivity"]["estimate"].get<double>(), 20.0 / 26);
  EXPECT_DOUBLE_EQ(json["specificity"]["estimate"].get<double>(), 30.0 / 37);
  for (const auto c : s.grading.counts) EXPECT_TRUE(s.cells.told(c)) << s.cells.name(c);
}

TEST(SharedGrading, ASmallCellTakesItsShareWithIt) {
  const Shared s(graded(20, 2, 7, 30));
  const auto json = s.json();
  EXPECT_EQ(json["sensitivity"], "withheld");  // with the number of high grades it would tell the 2
  EXPECT_TRUE(json["specificity"].is_object());
  EXPECT_TRUE(json["auc"].is_object());
  for (const auto c : s.grading.counts) {
    if (s.cells.name(c).ends_with("(FN)")) {
      EXPECT_EQ(s.cells.text(c), "<5");
    }
    if (s.cells.name(c).ends_with("(TP)")) {
      EXPECT_EQ(s.cells.text(c), "withheld");
    }
  }
}

TEST(SharedGrading, OfFewPatientsOfAGradeNothingIsTold) {
  for (const std::size_t high : {std::size_t{0}, std::size_t{1}, std::size_t{4}}) {
    const Shared s(graded(high, 0, 7, 30));
    const auto json = s.json();
    for (const auto& [name, value] : json.items()) EXPECT_EQ(value, "withheld") << name << ", " << high;
    EXPECT_FALSE(shared_calibration(s.grading, s.cells)) << high;
  }
}

TEST(SharedGrading, GroupsOfTheCalibrationHaveEnoughOfEachGrade) {
  const Shared s(graded(30, 12, 12, 30));
  ASSERT_GE(s.grading.bins.size(), 2U);
  std::size_t n = 0;
  for (const auto& b : s.grading.bins) {
    EXPECT_GE(b.high, kLeastCell);
    EXPECT_GE(b.n - b.high, kLeastCell);
    n += b.n;
  }
  EXPECT_EQ(n, 84U);
  const auto figure = shared_calibration(s.grading, s.cells);
  ASSERT_TRUE(figure);
  EXPECT_EQ(figure->series.front().x.size(), s.grading.bins.size());
}

TEST(SharedGrading, RecalibrationSaysBeforeAndAfter) {
  const Shared s(graded(20, 6, 7, 30), true);
  std::vector<std::string> names;
  for (const auto& r : s.grading.recalibrated) names.push_back(r.name);
  for (const char* name : {"before_brier", "intercept_brier", "line_brier", "line_fitted_slope"})
    EXPECT_NE(std::ranges::find(names, name), names.end()) << name;
  EXPECT_TRUE(Shared(graded(20, 6, 7, 30)).grading.recalibrated.empty());
}

/// `high`: times of the group of high risk, all of whom die; the others are censored or die later.
SurvivalRows survival_rows(std::size_t high, std::size_t low, std::size_t low_events) {
  SurvivalRows rows;
  rows.times = {12};
  rows.unit = "months";
  for (std::size_t i = 0; i < high + low; ++i) {
    const bool is_high = i < high;
    rows.ids.push_back("p" + std::to_string(i));
    rows.outcome.time.push_back(is_high ? 2.0 + static_cast<double>(i) : 10.0 + static_cast<double>(3 * (i - high)));
    rows.outcome.event.push_back(is_high || i - high < low_events ? 1 : 0);
    rows.signature.push_back(static_cast<double>((7 * i) % 11) + (is_high ? 0 : 5));
    rows.high_risk.push_back(is_high ? 1 : 0);
    rows.survival.push_back({is_high ? 0.4 : 0.8});
  }
  return rows;
}

struct SharedOutcome {
  CountCells cells;
  SharedSurvival survival;
  explicit SharedOutcome(const SurvivalRows& rows)
      : survival(share_survival(rows, cells.add("judged", rows.ids.size()), {0.95, true, 1}, cells)) {
    cells.protect();
  }
  [[nodiscard]] Json json() const { return statistics_json(survival.statistics, cells); }
};

TEST(SharedSurvival, OfManyPatientsAllIsTold) {
  const auto rows = survival_rows(15, 20, 8);
  const SharedOutcome s(rows);
  std::vector<double> risk;
  for (const double v : rows.signature) risk.push_back(-v);
  const auto json = s.json();
  EXPECT_EQ(json["c_index"]["estimate"], survival::concordance(rows.outcome, risk).value);
  EXPECT_GT(json["hazard_ratio"]["estimate"].get<double>(), 1);
  EXPECT_LT(json["log_rank_p"]["estimate"].get<double>(), 0.05);
  EXPECT_TRUE(statistics_json(s.survival.at_times, s.cells)["observed_12"].is_object());
  EXPECT_FALSE(s.survival.recalibrated.empty());
}

TEST(SharedSurvival, AGroupWithFewEventsIsNotCompared) {
  const SharedOutcome s(survival_rows(15, 20, 2));
  const auto json = s.json();
  EXPECT_TRUE(json["c_index"].is_object());
  EXPECT_EQ(json["hazard_ratio"], "withheld");
  EXPECT_EQ(json["log_rank_p"], "withheld");
  for (const auto c : s.survival.counts) {
    if (s.cells.name(c) == "low risk, died") {
      EXPECT_EQ(s.cells.text(c), "<5");
    }
    if (s.cells.name(c) == "high risk, died") {
      EXPECT_FALSE(s.cells.told(c));
    }
  }
}

TEST(SharedSurvival, WithFewEventsNothingIsTold) {
  const SharedOutcome s(survival_rows(4, 20, 0));
  EXPECT_TRUE(s.survival.statistics.empty());
  EXPECT_TRUE(s.survival.at_times.empty());
}

TEST(SharedCharacteristics, RareLevelsAreNotNamed) {
  TextTable rows{{"patient", "age", "histology"}, {}};
  for (int i = 0; i < 30; ++i)
    rows.rows.push_back({"p" + std::to_string(i), std::to_string(30 + i),
                         i < 20   ? "astrocytoma"
                         : i < 28 ? "oligodendroglioma"
                                  : "a rare one"});
  CountCells cells;
  const auto n = cells.add("included", 30);
  const SharedCharacteristics of(rows, {"age", "histology", "absent"}, n, cells);
  cells.protect();
  std::string all;
  for (const auto& row : of.table(cells).rows) all += row[0] + "|" + row[1] + "\n";
  EXPECT_EQ(all.find("rare"), std::string::npos) << all;
  EXPECT_NE(all.find("other|<5"), std::string::npos) << all;
  EXPECT_NE(all.find("44.5"), std::string::npos) << all;
}

}  // namespace
}  // namespace gliocast::analysis
