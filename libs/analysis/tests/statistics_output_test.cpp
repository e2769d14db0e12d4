// Analyses of small tables by hand: cells, JSON, notes and figures.
#include "messages.hpp"

#include <gliocast/analysis/cells.hpp>
#include <gliocast/analysis/diagnostic_icc.hpp>
#include <gliocast/analysis/diagnostic_roc.hpp>
#include <gliocast/analysis/survival_characteristics.hpp>
#include <gliocast/analysis/survival_cox.hpp>
#include <gliocast/analysis/survival_curves.hpp>
#include <gliocast/analysis/survival_cutpoint.hpp>
#include <gliocast/analysis/survival_groups.hpp>
#include <gliocast/analysis/survival_nomogram.hpp>
#include <gliocast/analysis/survival_performance.hpp>
#include <gliocast/analysis/survival_reclassify.hpp>
#include <gliocast/analysis/survival_scores.hpp>
#include <gliocast/core/error.hpp>

#include <gtest/gtest.h>

#include <cmath>

namespace gliocast::analysis {
namespace {

using test_support::error_of;
using test_support::has;

const survival::OutcomeColumns kOutcome{"time", "event", {}, {}, {}, {}};

/// Two groups of four: the events of "a" come at 1, 2 and 4, those of "b" at 3 and 8.
stats::DataFrame eight_rows() {
  return stats::DataFrame(TextTable{{"time", "event", "group", "score", "other"},
                                    {{"1", "1", "a", "9", "0.9"},
                                     {"2", "1", "a", "8", "0.4"},
                                     {"4", "1", "a", "4", "0.8"},
                                     {"6", "0", "a", "6", "0.3"},
                                     {"3", "1", "b", "5", "0.7"},
                                     {"5", "0", "b", "7", "0.2"},
                                     {"8", "1", "b", "2", "0.5"},
                                     {"9", "0", "b", "1", "0.1"}}},
                          "eight.csv");
}

TEST(Cells, AsPapersPrintThem) {
  EXPECT_EQ(cell(0.123456789), "0.123457");
  EXPECT_EQ(cell(1234567.8), "1234568");
  EXPECT_EQ(cell(0.00001234), "1.234e-05");
  EXPECT_EQ(cell(12), "12");
  EXPECT_EQ(cell(NAN), "NA");
  EXPECT_EQ(data_cell(0.1 + 0.2), "0.3");
  EXPECT_EQ(p_cell(0.0009), "<0.001");
  EXPECT_EQ(p_cell(0.0494), "0.049");
  EXPECT_EQ(p_cell(NAN), "NA");
  EXPECT_EQ(auc_text({0.8125, 0.05, 0.75, 0.874, 0.95}), "AUC 0.812 (0.750 to 0.874)");
  EXPECT_EQ(auc_text(stats::value_alone(0.5)), "AUC 0.500");
  EXPECT_EQ(estimate_json(stats::value_alone(2)).dump(), R"({"estimate":2.0,"se":null,"lower":null,"upper":null})");
}

TEST(SurvivalCurves, ByHand) {
  const auto out = survival_curves(eight_rows(), {kOutcome, "group"});
  ASSERT_EQ(out.table.rows.size(), 8U);
  // Of "a": 3/4, 2/4, 1/4; then the last is censored.
  EXPECT_EQ(out.table.rows[0],
            (std::vector<std::string>{"a", "1", "4", "1", "0", "0.75", "0.288675", "0.425932", "1", "0.25"}));
  EXPECT_EQ(out.table.rows[2][5], "0.25");
  EXPECT_EQ(out.json["groups"][0]["median"], 3);  // flat at one half from 2 to 4
  EXPECT_EQ(out.json["groups"][1]["median"], 8);
  EXPECT_EQ(out.json["logrank"]["df"], 1);
  ASSERT_EQ(out.figures.size(), 1U);
  const auto& figure = std::get<SurvivalCurvesFigure>(out.figures[0]);
  EXPECT_EQ(figure.time_label, "time");
  EXPECT_EQ(figure.curves[0].at_risk, (std::vector<double>{4, 3, 2, 1, 0}));  // at 0, 2, 4, 6, 8
  EXPECT_EQ(figure.curves[1].censor_time, (std::vector<double>{5, 9}));
  EXPECT_EQ(figure.remark.rfind("Log-rank P = 0.", 0), 0U) << figure.remark;
}

TEST(LogRank, GroupsOfTheTest) {
  LogRankOptions o;
  o.outcome = kOutcome;
  o.group = "group";
  const auto out = log_rank(eight_rows(), o);
  // Expected of "a": 4/8 + 3/7 + 2/6 + 2/5 + 0/2.
  EXPECT_NEAR(out.json["groups"][0]["expected"].get<double>(), 4.0 / 8 + 3.0 / 7 + 2.0 / 6 + 2.0 / 5, 1e-12);
  EXPECT_EQ(out.json["groups"][0]["observed"], 3);
}

TEST(Concordance, PairsByHand) {
  ConcordanceOptions o;
  o.outcome = kOutcome;
  o.score = "score";
  const auto out = concordance(eight_rows(), o);
  // Against later rows: 9 beats 7, 8 beats 6, of 5 lose 6 and 7 (3 of 5), of 4 lose 6 and 7 (2 of 4), 2 beats 1.
  EXPECT_EQ(out.json["concordant"], 7 + 6 + 3 + 2 + 1);
  EXPECT_EQ(out.json["discordant"], 4);
  EXPECT_NEAR(out.json["estimate"].get<double>(), 19.0 / 23, 1e-12);
}

TEST(Cox, OutputHoldsTheModel) {
  CoxOptions o;
  o.outcome = kOutcome;
  o.formula = "group";
  const auto out = cox(eight_rows(), o);
  EXPECT_EQ(out.analysis.model.events, 5U);
  const auto& forest = std::get<ForestFigure>(out.figures.at(0));
  ASSERT_EQ(forest.rows.size(), 2U);
  EXPECT_TRUE(forest.rows[0].reference);
  EXPECT_EQ(forest.rows[0].label, "groupa");
  EXPECT_EQ(forest.rows[1].label, "groupb");
  EXPECT_NEAR(forest.rows[1].ratio.value, out.json["coefficients"][0]["hazard_ratio"].get<double>(), 1e-15);
  EXPECT_EQ(residuals_table(out.analysis).rows.size(), 8U);
  const auto marks = nomogram(out.analysis.model, {{4}, {}, "days", "Title"});
  EXPECT_EQ(std::get<NomogramFigure>(marks.figures.at(0)).title, "Title");
  EXPECT_EQ(marks.calculator["n"], 8);
  EXPECT_TRUE(has(error_of([&] { (void)nomogram(out.analysis.model, {{-1}, {}, {}, {}}); }), "positive"));
}

TEST(JudgedModel, OneOfModelAndFormula) {
  DecisionOptions o;
  o.outcome = kOutcome;
  o.times = {4};
  EXPECT_TRUE(has(error_of([&] { (void)decision_curves(eight_rows(), o); }), "--model and --formula"));
  o.judged.formula = "score";
  const auto out = decision_curves(eight_rows(), o);
  EXPECT_EQ(out.table.rows.size(), 99U);
  EXPECT_EQ(std::get<XyFigure>(out.figures.at(0)).series.size(), 3U);
}

TEST(Reclassification, TwoModelsOfOneKind) {
  ReclassificationOptions o;
  o.outcome = kOutcome;
  o.times = {4};
  o.formula = "score";
  EXPECT_TRUE(has(error_of([&] { (void)reclassify(eight_rows(), o); }), "two models are needed"));
  o.against = "other";
  o.cuts = {0.5, 0.2};
  EXPECT_TRUE(has(error_of([&] { (void)reclassify(eight_rows(), o); }), "ascending"));
}

TEST(CutPoint, OneCutAndItsFigure) {
  CutPointOptions o;
  o.outcome = kOutcome;
  o.value = "score";
  o.least = 0.25;
  o.validation = eight_rows();
  const auto out = cut_point(eight_rows(), o);
  // Two rows at least on either side: cuts at 2, 4, 5, 6 and 7.
  ASSERT_EQ(out.json["cuts"].size(), 5U);
  EXPECT_EQ(out.json["cuts"][0]["cut"], 2);
  EXPECT_EQ(out.json["best"]["p"], out.json["validation"]["best"]["p"]);  // the same table
  EXPECT_EQ(std::get<XyFigure>(out.figures.at(0)).series.size(), 2U);
  o.cuts = 2;
  o.least = 0.4;
  EXPECT_TRUE(has(error_of([&] { (void)cut_point(eight_rows(), o); }), "three groups"));
}

TEST(Roc, PerfectScoreAndWrongTruth) {
  const stats::DataFrame table(TextTable{{"truth", "score", "reader"},
                                         {{"no", "1", "2"}, {"no", "2", "2"}, {"yes", "3", "1"}, {"yes", "4", "5"}}},
                               "t");
  RocOptions o;
  o.truth = "truth";
  o.score = "score";
  const auto out = roc(table, o);
  EXPECT_EQ(out.json["auc"], 1);
  EXPECT_EQ(out.json["positive"], "yes");
  const auto& series = std::get<XyFigure>(out.figures.at(0)).series.at(0);
  EXPECT_EQ(series.label, "score  AUC 1.000 (1.000 to 1.000)");
  o.positive = "maybe";
  EXPECT_TRUE(has(error_of([&] { (void)roc(table, o); }), "has no value \"maybe\""));
  o.positive = "";
  o.truth = "score";
  EXPECT_TRUE(has(error_of([&] { (void)roc(table, o); }), "holds 4 values"));
  const auto agreement = icc(table, {{"score", "reader"}});
  EXPECT_EQ(agreement.table.rows.size(), 6U);
  EXPECT_EQ(agreement.json["subjects"], 4);
}

TEST(Characteristics, RowsWithoutAGroupAreLeftOut) {
  const stats::DataFrame table(TextTable{{"age", "arm"}, {{"30", "x"}, {"40", "y"}, {"50", "NA"}, {"60", "x"}}}, "t");
  const auto out = characteristics(table, {"arm", {}});
  EXPECT_EQ(out.table.columns,
            (std::vector<std::string>{"characteristic", "x (n = 2)", "y (n = 1)", "all (n = 3)", "p", "test"}));
  ASSERT_EQ(out.table.rows.size(), 1U);
  EXPECT_EQ(out.table.rows[0][1], "45 (37.5 to 52.5)");
  EXPECT_EQ(out.notes.back(), "1 rows without a group left out");
}

TEST(GroupRows, LevelsThatOccur) {
  const auto groups = group_rows(eight_rows().subset({4, 0, 5}), "group");
  EXPECT_EQ(groups.labels, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(groups.code, (std::vector<int>{1, 0, 1}));
}

}  // namespace
}  // namespace gliocast::analysis
