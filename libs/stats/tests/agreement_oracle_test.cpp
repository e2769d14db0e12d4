// Limits at the ends: intraclass correlation without a rest, AUC with one subject of a class, numbers of Table 1.
#include <gliocast/core/files.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/core/table.hpp>
#include <gliocast/stats/characteristics.hpp>
#include <gliocast/stats/icc.hpp>
#include <gliocast/stats/roc.hpp>

#include <gtest/gtest.h>

#include <cmath>

using namespace gliocast;
using namespace gliocast::stats;

namespace {

/// Ratings, one list a rater.
Matrix ratings(const std::vector<std::vector<double>>& raters) {
  Matrix m(raters[0].size(), raters.size());
  for (std::size_t j = 0; j < raters.size(); ++j)
    for (std::size_t i = 0; i < raters[j].size(); ++i) m(i, j) = raters[j][i];
  return m;
}

}  // namespace

TEST(IccOracle, PerfectAgreement) {
  for (const auto& values : {std::vector<double>{1, 2, 3, 4, 5}, std::vector<double>{0.1, 0.3, 0.7, 1e6 / 3}})
    for (const auto& i : intraclass_correlations(ratings({values, values, values}))) {
      EXPECT_EQ(i.estimate.value, 1) << i.type;
      EXPECT_EQ(i.estimate.low, 1) << i.type;
      EXPECT_EQ(i.estimate.high, 1) << i.type;
      EXPECT_EQ(i.test.p, 0) << i.type;
      EXPECT_TRUE(std::isinf(i.test.statistic)) << i.type;
    }
}

TEST(IccOracle, RatersApartByConstants) {
  // R, psych 2.2.9: ICC(cbind(x, x + 1, x + 0.5), lmer = FALSE) with x = 1, 2, 3, 4, 5, 9; its F of rounding is
  // infinite here.
  const auto list =
      intraclass_correlations(ratings({{1, 2, 3, 4, 5, 9}, {2, 3, 4, 5, 6, 10}, {1.5, 2.5, 3.5, 4.5, 5.5, 9.5}}));
  const double expected[6][3] = {
      {0.9693877551, 0.8875202668, 0.9952256419}, {0.9696969697, 0.4488190099, 0.9963082720}, {1, 1, 1},
      {0.9895833333, 0.9594673549, 0.9984034657}, {0.9896907216, 0.7095436620, 0.9987663879}, {1, 1, 1}};
  for (std::size_t k = 0; k < 6; ++k) {
    EXPECT_NEAR(list[k].estimate.value, expected[k][0], 1e-9) << list[k].type;
    EXPECT_NEAR(list[k].estimate.low, expected[k][1], 1e-9) << list[k].type;
    EXPECT_NEAR(list[k].estimate.high, expected[k][2], 1e-9) << list[k].type;
  }
}

TEST(IccOracle, SmallErrorBesideLargeValuesStays) {
  // An error of 1 beside 1e9 is an error: F as of the values without their offset.
  const auto near = intraclass_correlations(ratings({{1, 2, 3, 4}, {2, 2, 3, 5}})),
             far = intraclass_correlations(
                 ratings({{1e9 + 1, 1e9 + 2, 1e9 + 3, 1e9 + 4}, {1e9 + 2, 1e9 + 2, 1e9 + 3, 1e9 + 5}}));
  for (std::size_t k = 0; k < 6; ++k) EXPECT_NEAR(far[k].estimate.value, near[k].estimate.value, 1e-6) << near[k].type;
}

TEST(IccOracle, NoVariationIsUndefined) {
  for (const auto& i : intraclass_correlations(ratings({{5, 5, 5}, {5, 5, 5}}))) {
    EXPECT_TRUE(std::isnan(i.estimate.value)) << i.type;
    EXPECT_TRUE(std::isnan(i.estimate.low) && std::isnan(i.estimate.high)) << i.type;
  }
}

TEST(AucOracle, OneOfAClassHasNoLimits) {
  // R, pROC 1.18.0: ci.auc is NA-NA with one case or one control.
  for (const auto& truth : {std::vector<int>{1, 0, 0, 0, 0}, std::vector<int>{0, 1, 1, 1, 1}}) {
    const std::vector<double> a{2, 1, 3, 5, 0}, b{5, 1, 2, 3, 4};
    const auto auc = auc_delong(a, truth);
    EXPECT_TRUE(std::isfinite(auc.value));
    for (const double v : {auc.se, auc.low, auc.high}) EXPECT_TRUE(std::isnan(v));
    const auto both = compare_auc(a, b, truth);
    const auto& d = both.difference;
    EXPECT_TRUE(std::isfinite(d.value));
    for (const double v : {d.se, both.test.statistic, both.test.p, d.low, d.high}) EXPECT_TRUE(std::isnan(v));
  }
}

TEST(AucOracle, SeparatedAndTied) {
  // R, pROC 1.18.0: 1-1 of separated classes, 0.5-0.5 of equal scores.
  const std::vector<int> truth{0, 0, 0, 1, 1, 1};
  const auto separated = auc_delong({1, 2, 3, 4, 5, 6}, truth), tied = auc_delong({3, 3, 3, 3, 3, 3}, truth);
  EXPECT_EQ(separated.low, 1);
  EXPECT_EQ(separated.high, 1);
  EXPECT_EQ(tied.low, 0.5);
  EXPECT_EQ(tied.high, 0.5);
}

TEST(Characteristics, QuartilesKeepDigits) {
  const auto cell = [](const std::vector<std::string>& values) {
    TextTable table{{"x"}, {}};
    for (const auto& v : values) table.rows.push_back({v});
    return characteristics(DataFrame(table, "t"), {"x"}, std::vector<int>(values.size(), 0), 1)[0].cells[0][0];
  };
  // R: quantile(x, c(.5, .25, .75))
  EXPECT_EQ(cell({"-24776", "-23718", "-18963", "-30000", "-1"}), "-23718 (-24776 to -18963)");
  EXPECT_EQ(cell({"123456", "250001", "1048576", "98766"}), "186728.5 (117283.5 to 449644.75)");
  EXPECT_EQ(cell({"123456.5", "250001.25", "98766.125"}), "123456 (111111 to 186729)");
  EXPECT_EQ(cell({"0.00012345", "0.00054321", "0.00099999"}), "0.0005432 (0.0003333 to 0.0007716)");
  EXPECT_EQ(cell({"64", "65", "61", "70"}), "64.5 (63.25 to 66.25)");
  EXPECT_EQ(cell({"1.5", "2.5", "4"}), "2.5 (2 to 3.25)");
}

TEST(PlainNumber, HasAllWholeDigits) {
  EXPECT_EQ(plain_number(1234567.8, 4), "1234568");
  EXPECT_EQ(plain_number(12345, 4), "12345");
  EXPECT_EQ(plain_number(0.000123456, 4), "0.0001235");
  EXPECT_EQ(plain_number(-0.0001, 4), "-0.0001");
  EXPECT_EQ(plain_number(99.996, 4), "100");
  EXPECT_EQ(plain_number(0.1 + 0.2, 15), "0.3");
  EXPECT_EQ(plain_number(1e6, 4), "1000000");
  EXPECT_EQ(plain_number(123456789012345, 15), "123456789012345");
  EXPECT_EQ(plain_number(1e20, 6), "1e+20");
  EXPECT_EQ(plain_number(1.25e-9, 3), "1.25e-09");
  EXPECT_EQ(plain_number(0, 4), "0");
  EXPECT_EQ(plain_number(-INFINITY, 4), "-Inf");
  EXPECT_EQ(plain_number(NAN, 4), "NA");
}
