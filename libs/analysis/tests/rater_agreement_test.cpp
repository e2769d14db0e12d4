// Agreement of three readings of one cohort: tables, what has no ICC and why, figures.
#include "messages.hpp"

#include <gliocast/analysis/rater_agreement.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <tuple>
#include <variant>
#include <vector>

namespace gliocast::analysis {
namespace {

using test_support::has;
using test_support::joined;

using Values = std::vector<double>;

const Values kA{9.1, 6.2, 8.4, 7.3, 10.9, 6.6, 5.2}, kB{8.6, 5.1, 8.9, 6.1, 9.8, 7.4, 4.0},
    kN{9.9, 6.0, 7.1, 7.9, 11.5, 5.0, 6.3};
const Values kD{120, 80, 95, 101, 60, 133, 99}, kE{90, 110, 100, 70, 130, 85, 104}, kF{121, 79, 96, 100, 62, 130, 98};
const Values kOnes(7, 1), kTwos(7, 2);

Values without(Values values, const std::vector<std::size_t>& rows) {
  for (const std::size_t r : rows) values.at(r) = std::nan("");
  return values;
}

stats::Matrix matrix_of(const std::vector<Values>& columns) {
  stats::Matrix m(columns.front().size(), columns.size());
  for (std::size_t c = 0; c < columns.size(); ++c)
    for (std::size_t r = 0; r < m.rows; ++r) m(r, c) = columns[c][r];
  return m;
}

RaterReadings seven_patients() {
  RaterReadings r;
  r.ids = {"p1", "p2", "p3", "p4", "p5", "p6", "p7"};
  r.features = {"agreed", "reversed", "gap", "constant", "shifted", "rare", "equal"};
  const Values gap = without(kA, {2}), rare = without(kA, {0, 2, 4});
  r.readings[0] = {"rater 1", {{Sequence::T1Gd, matrix_of({kA, kD, gap, kOnes, kOnes, rare, kA})}}};
  r.readings[1] = {"rater 2", {{Sequence::T1Gd, matrix_of({kB, kE, kB, kOnes, kTwos, kB, kA})}}};
  r.readings[2] = {"network", {{Sequence::T1Gd, matrix_of({kN, kF, kN, kOnes, kOnes, kN, kA})}}};
  const Values dice{0.91, 0.84, 0.47, 0.88, 0.79, 0.93, 0.66};
  r.dice = {dice, without(dice, {2}), without(dice, {0, 1, 2, 3, 4, 5, 6})};
  return r;
}

/// The cells of a feature and pair after these.
std::vector<std::string> row_of(const TextTable& table, const std::string& feature, const std::string& pair) {
  for (const auto& row : table.rows)
    if (row.at(1) == feature && row.at(2) == pair) return {row.begin() + 3, row.end()};
  return {};
}

TEST(RaterAgreement, IccIsThatOfPsych) {
  const auto found = rater_agreement(seven_patients(), 0.95, 1);
  EXPECT_EQ(found.icc.rows.size(), 21U);
  // R, psych 2.2.9: ICC(cbind(x, y), lmer = FALSE), row ICC2; of "gap" without its third patient.
  const std::vector<std::tuple<std::string, std::string, std::string, double, double, double>> expected{
      {"agreed", "rater 1 / rater 2", "7", 0.892127303183, 0.508930605626, 0.980528423043},
      {"agreed", "network / rater 1", "7", 0.889864069357, 0.475126435550, 0.980327874525},
      {"agreed", "network / rater 2", "7", 0.661730703006, -0.064416385281, 0.932036145743},
      {"reversed", "rater 1 / rater 2", "7", -1.001665556296, -1.320622294295, -0.112103053583},
      {"reversed", "network / rater 1", "7", 0.997701149425, 0.987341037041, 0.999601336948},
      {"reversed", "network / rater 2", "7", -0.999370144867, -1.319878650631, -0.108279569439},
      {"gap", "rater 1 / rater 2", "6", 0.892081313853, 0.312410275134, 0.984702207645},
      {"equal", "rater 1 / rater 2", "7", 1, 1, 1}};
  for (const auto& [feature, pair, n, icc, lower, upper] : expected) {
    const auto row = row_of(found.icc, feature, pair);
    ASSERT_EQ(row.size(), 4U) << feature << " " << pair;
    EXPECT_EQ(row[0], n) << feature << " " << pair;
    EXPECT_NEAR(std::stod(row[1]), icc, 5e-6) << feature << " " << pair;
    EXPECT_NEAR(std::stod(row[2]), lower, 5e-6) << feature << " " << pair;
    EXPECT_NEAR(std::stod(row[3]), upper, 5e-6) << feature << " " << pair;
  }
  const auto narrower = row_of(rater_agreement(seven_patients(), 0.90, 1).icc, "agreed", "rater 1 / rater 2");
  EXPECT_NEAR(std::stod(narrower.at(2)), 0.610183828050, 5e-6);
  EXPECT_NEAR(std::stod(narrower.at(3)), 0.973632577354, 5e-6);
}

TEST(RaterAgreement, WhatHasNoIccIsTold) {
  const auto found = rater_agreement(seven_patients(), 0.95, 1);
  for (const char* feature : {"constant", "shifted", "rare"})
    EXPECT_EQ(row_of(found.icc, feature, "rater 1 / rater 2"),
              (std::vector<std::string>{feature == std::string("rare") ? "4" : "7", "NA", "NA", "NA"}))
        << feature;
  const std::string notes = joined(found.notes);
  EXPECT_TRUE(has(notes, "warning: no ICC of 1 of 7 features of T1-Gd, rater 1 / rater 2: fewer than 5 patients"))
      << notes;
  EXPECT_TRUE(has(notes, "warning: no ICC of 2 of 7 features of T1-Gd, rater 1 / rater 2: the values do not vary"))
      << notes;
  EXPECT_TRUE(has(notes, "warning: no Dice of network / rater 2 in 7 of 7 patients")) << notes;
}

TEST(RaterAgreement, SummariesAreOfWhatIsKnown) {
  const auto found = rater_agreement(seven_patients(), 0.95, 1);
  // Of −1.00167, 0.892081, 0.892127 and 1; R: quantile(x, c(.5, .25, .75)).
  EXPECT_EQ(found.icc_summary.rows.at(0), (std::vector<std::string>{"T1-Gd", "rater 1 / rater 2", "7", "4", "3",
                                                                    "0.750", "0.892", "0.419", "0.919"}));
  // R: mean, sd, median, quantile, min of the seven; mean(x < 0.5).
  EXPECT_EQ(found.dice_summary.rows.at(0), (std::vector<std::string>{"rater 1 / rater 2", "7", "0.783", "0.165",
                                                                     "0.840", "0.725", "0.895", "0.470", "0.143"}));
  EXPECT_EQ(found.dice_summary.rows.at(1).at(1), "6");
  EXPECT_EQ(found.dice_summary.rows.at(1).back(), "0.000");
  EXPECT_EQ(found.dice_summary.rows.at(2),
            (std::vector<std::string>{"network / rater 2", "0", "NA", "NA", "NA", "NA", "NA", "NA", "NA"}));
  EXPECT_EQ(found.dice.rows.at(2), (std::vector<std::string>{"p3", "0.47", "NA", "NA"}));
  for (const auto* table : {&found.dice, &found.dice_summary, &found.icc, &found.icc_summary})
    for (const auto& row : table->rows) EXPECT_EQ(row.size(), table->columns.size());
  EXPECT_NEAR(found.json.at("dice").at(0).at("sd").get<double>(), 0.165097373865, 1e-12);
  EXPECT_TRUE(found.json.at("dice").at(2).at("mean").is_null());
  EXPECT_EQ(found.json.at("icc").at(0).at("share_above_0.75"), 0.75);
}

TEST(RaterAgreement, FiguresAreStaircasesOfThePairs) {
  const auto found = rater_agreement(seven_patients(), 0.95, 1);
  ASSERT_EQ(found.figures.size(), 2U);
  EXPECT_EQ(found.figures[0].name, "dice");
  EXPECT_EQ(found.figures[1].name, "icc_t1gd");
  const auto& dice = std::get<XyFigure>(found.figures[0].figure);
  ASSERT_EQ(dice.series.size(), 3U) << "two pairs that have values, and the mark";
  const auto& first = dice.series[0];
  EXPECT_EQ(first.label, "rater 1 / rater 2, median 0.840");
  EXPECT_EQ(first.x.size(), 16U);
  EXPECT_EQ(first.x[1], 0.47);
  EXPECT_EQ(first.y[1], 1);
  EXPECT_DOUBLE_EQ(first.y[2], 6.0 / 7);
  EXPECT_EQ(first.y.back(), 0);
  EXPECT_EQ(std::get<XyFigure>(found.figures[1].figure).x_low, -1) << "what lies below is drawn at the edge";
}

TEST(RaterAgreement, FewPatientsHaveNoIccAndThreadsChangeNothing) {
  auto few = seven_patients();
  few.ids.resize(3);
  for (auto& reading : few.readings) {
    stats::Matrix m(3, few.features.size());
    for (std::size_t r = 0; r < 3; ++r)
      for (std::size_t c = 0; c < m.columns; ++c) m(r, c) = reading.radiomics.at(Sequence::T1Gd)(r, c);
    reading.radiomics = {{Sequence::T1Gd, m}};
  }
  for (auto& of_pair : few.dice) of_pair.resize(3);
  few.readings[2].radiomics.clear();  // nobody could be outlined
  const auto found = rater_agreement(few, 0.95, 2);
  EXPECT_TRUE(has(joined(found.notes), "warning: an ICC needs 5 patients, and 3 have both raters' outlines"));
  for (const auto& row : found.icc.rows) EXPECT_EQ(row.at(4), "NA");
  EXPECT_EQ(found.icc_summary.rows.at(1).at(2), "0");
  EXPECT_EQ(found.figures.size(), 1U) << "no ICC to draw";
  const auto one = rater_agreement(seven_patients(), 0.95, 1), three = rater_agreement(seven_patients(), 0.95, 3);
  EXPECT_EQ(one.icc.rows, three.icc.rows);
  EXPECT_EQ(one.json.dump(), three.json.dump());
  EXPECT_EQ(one.notes, three.notes);
}

}  // namespace
}  // namespace gliocast::analysis
