// Table 1 by hand; the six intraclass correlations of Shrout & Fleiss' own example.
#include <gliocast/core/table.hpp>
#include <gliocast/stats/characteristics.hpp>
#include <gliocast/stats/estimate.hpp>
#include <gliocast/stats/icc.hpp>

#include <gtest/gtest.h>

#include <cmath>

using namespace gliocast;
using namespace gliocast::stats;

TEST(CharacteristicsByHand, FactorsNumbersAndMissingValues) {
  const DataFrame frame(
      TextTable{{"age", "grade"},
                {{"30", "low"}, {"40", "low"}, {"50", "high"}, {"60", "high"}, {"70", "NA"}, {"NA", "low"}}},
      "t");
  const std::vector<int> group{0, 0, 0, 1, 1, -1};  // the last row is in no group
  const auto list = characteristics(frame, {"age", "grade"}, group, 2);
  ASSERT_EQ(list.size(), 2U);
  EXPECT_FALSE(list[0].is_factor);
  EXPECT_EQ(list[0].cells[0], (std::vector<std::string>{"40 (35 to 45)", "65 (62.5 to 67.5)", "50 (40 to 60)"}));
  EXPECT_EQ(list[0].missing, (std::vector<std::size_t>{0, 0, 0}));
  EXPECT_EQ(list[0].test.name, "Mann-Whitney");
  // U = 0 of 3 and 2 values without ties: 2 of the 10 arrangements are as extreme.
  EXPECT_EQ(list[0].test.statistic, 0);
  EXPECT_NEAR(list[0].test.p, 0.2, 1e-14);
  EXPECT_TRUE(list[1].is_factor);
  EXPECT_EQ(list[1].levels, (std::vector<std::string>{"high", "low"}));
  EXPECT_EQ(list[1].cells[0], (std::vector<std::string>{"1 (33.3 %)", "1 (100.0 %)", "2 (50.0 %)"}));
  EXPECT_EQ(list[1].cells[1], (std::vector<std::string>{"2 (66.7 %)", "0 (0.0 %)", "2 (50.0 %)"}));
  EXPECT_EQ(list[1].missing, (std::vector<std::size_t>{0, 1, 1}));
  EXPECT_EQ(list[1].test.name, "Fisher");
  EXPECT_NEAR(list[1].test.p, 1, 1e-12);  // {{1, 1}, {2, 0}}: both possible tables are as likely
}

TEST(CharacteristicsByHand, WithOneGroupThereIsNoTest) {
  const DataFrame frame(TextTable{{"x"}, {{"1"}, {"2"}, {"4"}}}, "t");
  const auto list = characteristics(frame, {"x"}, {0, 0, 0}, 1);
  EXPECT_EQ(list[0].test.name, "");
  EXPECT_TRUE(std::isnan(list[0].test.p));
}

TEST(CharacteristicsByHand, FewDifferentNumbersAreAFactor) {
  const DataFrame frame(TextTable{{"x"}, {{"0"}, {"1"}, {"1"}, {"0"}}}, "t");
  EXPECT_TRUE(characteristics(frame, {"x"}, {0, 0, 1, 1}, 2, 2)[0].is_factor);
  EXPECT_FALSE(characteristics(frame, {"x"}, {0, 0, 1, 1}, 2, 1)[0].is_factor);
}

TEST(IccOracle, ShroutAndFleissExample) {
  // Shrout & Fleiss 1979, table 2 (six targets, four judges) and table 4: 0.17, 0.29, 0.71; 0.44, 0.62, 0.91.
  const double ratings[6][4] = {{9, 2, 5, 8}, {6, 1, 3, 2}, {8, 4, 6, 8}, {7, 1, 2, 6}, {10, 5, 6, 9}, {6, 2, 4, 7}};
  Matrix m(6, 4);
  for (std::size_t i = 0; i < 6; ++i)
    for (std::size_t j = 0; j < 4; ++j) m(i, j) = ratings[i][j];
  const auto list = intraclass_correlations(m);
  const double expected[6] = {0.17, 0.29, 0.71, 0.44, 0.62, 0.91};
  for (std::size_t k = 0; k < 6; ++k) {
    EXPECT_NEAR(list[k].estimate.value, expected[k], 0.005) << list[k].type;
    EXPECT_LT(list[k].estimate.low, list[k].estimate.value);
    EXPECT_GT(list[k].estimate.high, list[k].estimate.value);
  }
  // Mean squares 11.24 between targets, 6.26 within, 1.02 of the rest: F = 1.79 and 11.03.
  EXPECT_NEAR(list[0].test.statistic, 1.79, 0.01);
  EXPECT_NEAR(list[2].test.statistic, 11.03, 0.01);
  EXPECT_EQ(list[2].test.df, 5);
  EXPECT_EQ(list[2].df2, 15);
}

TEST(EstimateByHand, IntervalsAndTests) {
  const Estimate e = normal_estimate(0.9, 0.1, 0.95, 0, 1);
  EXPECT_NEAR(e.low, 0.9 - 1.959963984540054 * 0.1, 1e-12);
  EXPECT_EQ(e.high, 1);
  EXPECT_EQ(e.level, 0.95);
  const Estimate unknown = normal_estimate(0.5, NAN, 0.95, 0, 1);
  EXPECT_TRUE(std::isnan(unknown.low) && std::isnan(unknown.high));
  const Comparison c = compare_with_zero(-1.959963984540054, 1);
  EXPECT_NEAR(c.test.p, 0.05, 1e-12);
  EXPECT_NEAR(c.difference.high, 0, 1e-12);
  EXPECT_TRUE(std::isnan(z_test(1, 0).p));
}
