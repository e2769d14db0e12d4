// Tables for grading: what is read, left out, told and refused; raters joined; centres harmonised.
#include "messages.hpp"

#include <gliocast/analysis/grade_evaluation.hpp>
#include <gliocast/analysis/grade_table.hpp>
#include <gliocast/analysis/harmonise.hpp>
#include <gliocast/core/error.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/core/random.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <map>

namespace gliocast::analysis {
namespace {

using test_support::error_of;
using test_support::has;
using test_support::joined;

using Texts = std::vector<std::string>;

stats::DataFrame frame_of(const TextTable& table) { return stats::DataFrame(table, "table.csv"); }

const TextTable kPatients{{"id", "grade", "volume", "side", "diagnostics_Version"},
                          {{"a", "4", "10", "left", "1"},
                           {"b", "2", "11", "right", "1"},
                           {"c", "", "12", "left", "1"},
                           {"d", "3", "9", "left", "1"},
                           {"e", "4", "NA", "right", "1"},
                           {"f", "2", "15", "left", "1"}}};

GradeColumns grade(const std::string& positive = "4") { return {"grade", positive, "", "", "", {}}; }

/// `rows` of id, label, site and features; the site adds to each.
TextTable two_sites(std::size_t rows, std::size_t features, std::uint64_t seed) {
  Random random(seed, "sites", 0);
  TextTable t{{"id", "label", "site", "note"}, {}};
  for (std::size_t f = 0; f < features; ++f) t.columns.push_back("f" + std::to_string(f));
  for (std::size_t r = 0; r < rows; ++r) {
    const bool second = r % 2 == 1;
    t.rows.push_back({"p" + std::to_string(r), r % 4 < 2 ? "1" : "0", second ? "south" : "north", "as read"});
    for (std::size_t f = 0; f < features; ++f)
      t.rows.back().push_back(shortest(random.normal() * (second ? 2 : 1) + (second ? 3 : 0)));
  }
  return t;
}

HarmoniseOptions by_site(const std::string& reference = "") {
  HarmoniseOptions o{"site", {}, {"label"}, {}};
  o.combat.reference = reference;
  return o;
}

double mean_of(const TextTable& t, const std::string& site, std::size_t column) {
  double sum = 0, n = 0;
  for (const auto& row : t.rows)
    if (row[2] == site) {
      sum += std::strtod(row[column].c_str(), nullptr);
      ++n;
    }
  return sum / n;
}

/// The first rater's features with a constant added.
TextTable rated_again(const TextTable& t, const std::string& added) {
  TextTable second{{"id", "volume"}, {}};
  for (const auto& row : t.rows) second.rows.push_back({row[0], row[2] == "NA" ? "1" : row[2] + added});
  return second;
}

TEST(GradeTable, RowsWithoutLabelAreLeftOutAndTold) {
  const auto t = read_grade_table(frame_of(kPatients), grade());
  EXPECT_EQ(t.features.ids, (Texts{"a", "b", "d", "e", "f"}));
  EXPECT_EQ(t.features.outcome, (std::vector<double>{1, 0, 0, 1, 0}));
  EXPECT_EQ(t.id_column, "id");
  EXPECT_TRUE(has(joined(t.notes), "1 rows without \"grade\" are left out"));
  EXPECT_TRUE(has(t.notes.front(), "5 rows, 2 positive (grade = 4; negative: 2, 3), 1 features"));
}

TEST(GradeTable, TextAndDiagnosticsAreLeftOutAndTold) {
  const auto t = read_grade_table(frame_of(kPatients), grade());
  EXPECT_EQ(t.features.features, (Texts{"volume"}));
  EXPECT_TRUE(std::isnan(t.features.values(3, 0)));
  EXPECT_TRUE(has(joined(t.notes), "left out, since they hold text: side"));
  EXPECT_TRUE(has(joined(t.notes), "1 columns of diagnostics are no features"));
}

TEST(GradeTable, MoreThanTwoValuesNeedAPositiveOne) {
  EXPECT_TRUE(has(error_of([] { (void)read_grade_table(frame_of(kPatients), grade("")); }), "holds 3 values"));
  EXPECT_TRUE(has(error_of([] { (void)read_grade_table(frame_of(kPatients), grade("5")); }), "no value \"5\""));
}

TEST(GradeTable, SeveralValuesArePositiveTogether) {
  const auto t = read_grade_table(frame_of(kPatients), grade("3,4"));
  EXPECT_EQ(t.features.outcome, (std::vector<double>{1, 0, 1, 1, 0}));
  EXPECT_EQ(t.positive, "3, 4");
  EXPECT_EQ(t.negative, "2");
  EXPECT_EQ(read_grade_table(frame_of(kPatients), grade(t.positive)).features.outcome, t.features.outcome);
  EXPECT_TRUE(has(error_of([] { (void)read_grade_table(frame_of(kPatients), grade("3,5")); }), "no value \"5\""));
  EXPECT_TRUE(has(error_of([] { (void)read_grade_table(frame_of(kPatients), grade("2,3,4")); }), "none is left"));
  // A value that has a comma is one value.
  TextTable table = kPatients;
  for (auto& row : table.rows)
    row[1] = row[1] == "4" ? "high, GBM" : row[1] == "3" ? "high" : row[1] == "2" ? "GBM" : "";
  EXPECT_EQ(read_grade_table(frame_of(table), grade("high, GBM")).features.outcome,
            (std::vector<double>{1, 0, 0, 1, 0}));
  // Another table may lack one of them, and the centre.
  table = kPatients;
  for (auto& row : table.rows) row[1] = row[1] == "3" ? "2" : row[1];
  EXPECT_EQ(columns_of_other(frame_of(table), grade("3, 4")).positive, "4");
  EXPECT_EQ(columns_of_other(frame_of(table), grade("5,6")).positive, "5,6");
  auto with_centre = grade("3,4");
  with_centre.centre = "site";
  EXPECT_EQ(columns_of_other(frame_of(table), with_centre).centre, "");
}

TEST(GradeTable, WithoutIdsRowsAreNumberedAsInTheFile) {
  TextTable table = kPatients;
  table.columns[0] = "examination";
  auto columns = grade();
  columns.drop = {"examination"};
  EXPECT_EQ(read_grade_table(frame_of(table), columns).features.ids, (Texts{"1", "2", "4", "5", "6"}));
  columns.drop = {"nothing"};
  EXPECT_TRUE(has(error_of([&] { (void)read_grade_table(frame_of(table), columns); }), "nothing"));
}

TEST(GradeTable, ARepeatedIdNeedsThePatient) {
  TextTable table = kPatients;
  table.rows[5][0] = "d";
  const auto told = error_of([&] { (void)read_grade_table(frame_of(table), grade()); });
  EXPECT_TRUE(has(told, "\"d\" stands in rows 4 and 6")) << told;
  auto columns = grade();
  columns.patient = "id";
  EXPECT_EQ(read_grade_table(frame_of(table), columns).features.patient, (std::vector<int>{0, 1, 2, 3, 2}));
  table.rows[5][0] = "";
  const auto empty = error_of([&] { (void)read_grade_table(frame_of(table), columns); });
  EXPECT_TRUE(has(empty, "column \"id\" is empty in row 6")) << empty;
}

TEST(GradeTable, TheLabelOnceMoreIsRefusedByName) {
  TextTable table = two_sites(40, 2, 1);
  table.columns.emplace_back("hgg");
  for (auto& row : table.rows) row.push_back(row[1] == "1" ? "7" : "3");
  const GradeColumns columns{"label", "", "", "", "site", {}};
  const auto told = error_of([&] { (void)read_grade_table(frame_of(table), columns); });
  EXPECT_TRUE(has(told, "\"hgg\"") && has(told, "holds the label") && has(told, "--drop hgg")) << told;
  auto dropped = columns;
  dropped.drop = {"hgg"};
  EXPECT_EQ(read_grade_table(frame_of(table), dropped).features.features.size(), 2U);
}

TEST(GradeTable, TheLabelOnceMoreMayHaveMoreValuesAndGaps) {
  TextTable table = two_sites(40, 2, 1);
  const auto told_of = [&](const auto& cell) {
    TextTable copy = table;
    copy.columns.emplace_back("who");
    for (std::size_t r = 0; r < copy.rows.size(); ++r) {
      copy.rows[r][1] = std::to_string(2 + r % 3);  // WHO grades 2, 3, 4, of which 4 is positive
      copy.rows[r].push_back(cell(r));
    }
    const GradeColumns columns{"label", "4", "", "", "site", {}};
    return error_of([&] { (void)read_grade_table(frame_of(copy), columns); });
  };
  const auto refused = [](const std::string& told) { return has(told, "\"who\" among the features holds the label"); };
  const Texts names{"7", "5", "6"};
  EXPECT_TRUE(refused(told_of([&](std::size_t r) { return names[r % 3]; }))) << "other numbers for its values";
  EXPECT_TRUE(refused(told_of([](std::size_t r) { return r % 3 == 2 ? "1" : "0"; }))) << "its classes";
  EXPECT_TRUE(refused(told_of([&](std::size_t r) { return r % 20 == 0 ? "" : names[r % 3]; }))) << "a few cells lack";
  EXPECT_EQ(told_of([&](std::size_t r) { return r % 4 == 0 ? "" : names[r % 3]; }), "accepted") << "many cells lack";
  EXPECT_EQ(told_of([&](std::size_t r) { return r == 1 ? "7" : names[r % 3]; }), "accepted") << "one differs";
  EXPECT_EQ(told_of([](std::size_t r) { return r % 3 == 0 ? "0" : "1"; }), "accepted") << "no part of the classes";
}

TEST(GradeTable, AFeatureThatTellsAllIsTold) {
  TextTable table = two_sites(40, 2, 1);
  table.columns.emplace_back("days");
  for (std::size_t r = 0; r < table.rows.size(); ++r)
    table.rows[r].push_back(std::to_string(r + (table.rows[r][1] == "1" ? 500 : 0)));
  const auto t = read_grade_table(frame_of(table), {"label", "", "", "", "site", {}});
  EXPECT_TRUE(has(joined(t.notes), "warning: feature \"days\" separates the classes by itself"));
  EXPECT_EQ(t.features.centre[1], "south");
}

TEST(GradeTable, OnePatientUnderTwoNamesIsTold) {
  TextTable table = two_sites(40, 4, 1);
  GradeColumns columns{"label", "", "", "", "site", {}};
  const auto notes = [&] { return joined(read_grade_table(frame_of(table), columns).notes); };
  const std::string told = "have the same numbers in all 4 features";
  EXPECT_FALSE(has(notes(), told));
  table.rows.push_back(table.rows[7]);
  table.rows.back()[0] = "again";
  EXPECT_TRUE(has(notes(), "warning: rows \"p7\" and \"again\" " + told + ":")) << notes();
  table.rows.push_back(table.rows[9]);
  table.rows.back()[0] = "once more";
  EXPECT_TRUE(has(notes(), told + ", and 1 more rows repeat others:")) << notes();
  table.columns.emplace_back("person");  // who it is, is said
  for (auto& row : table.rows) row.push_back(row[0] == "again" ? "p7" : row[0] == "once more" ? "p9" : row[0]);
  columns.patient = "person";
  EXPECT_FALSE(has(notes(), told));
  columns.patient = "";
  columns.drop = {"person"};
  for (auto& row : table.rows)
    for (std::size_t c = 4; c < 8; ++c) row[c] = row[c].starts_with('-') ? "0" : "1";
  EXPECT_FALSE(has(notes(), told)) << "features of few values agree by chance";
}

TEST(GradeTable, NewRowsNeedNoClasses) {
  TextTable one{kPatients.columns, {kPatients.rows[0]}};
  EXPECT_EQ(read_new_rows(frame_of(one), grade()).features.features, (Texts{"volume"}));
  one.rows[0][1] = "unknown";
  const auto t = read_new_rows(frame_of(one), grade());
  EXPECT_EQ(t.features.ids, (Texts{"a"}));
  EXPECT_TRUE(t.features.outcome.empty());
  EXPECT_EQ(read_new_rows(frame_of(kPatients), grade()).features.rows(), 6U);
  GradeColumns none;
  EXPECT_EQ(read_new_rows(frame_of(kPatients), none).features.features, (Texts{"grade", "volume"}));
}

TEST(GradeTable, ScoresAreOfTheRowsThatAreUsed) {
  TextTable table = kPatients;
  EXPECT_TRUE(has(error_of([&] { (void)scores_of_rows(frame_of(table), grade(), "volume"); }), "empty in row 5"));
  table.rows[4][2] = "8";
  EXPECT_EQ(scores_of_rows(frame_of(table), grade(), "volume"), (std::vector<double>{10, 11, 9, 8, 15}));
  EXPECT_TRUE(has(error_of([&] { (void)scores_of_rows(frame_of(table), grade(), "side"); }), "side"));
}

TEST(SecondRater, IsJoinedById) {
  auto t = read_grade_table(frame_of(kPatients), grade());
  auto second = rated_again(kPatients, ".5");
  std::swap(second.rows[0], second.rows[5]);
  second.rows.erase(second.rows.begin() + 1);  // b
  add_second_rater(t, frame_of(second), grade());
  const auto& m = t.features.second_rater;
  ASSERT_EQ(m.rows, 5U);
  EXPECT_EQ(m(0, 0), 10.5);
  EXPECT_TRUE(std::isnan(m(1, 0)));
  EXPECT_EQ(m(2, 0), 9.5);
  EXPECT_EQ(m(4, 0), 15.5);
  EXPECT_EQ(t.notes.back(), "second rater: 4 of 5 rows");
  std::vector<std::string> notes;
  tell_unused_rater(t, learn::parse_chain("steps: [standardise, icc]\nclassifier: svm\n", "with"), notes);
  EXPECT_TRUE(notes.empty());
  tell_unused_rater(t, learn::parse_chain("steps: [standardise]\nclassifier: svm\n", "without"), notes);
  EXPECT_TRUE(has(joined(notes), "warning: the second rater's table is not used")) << joined(notes);
}

TEST(SecondRater, WhatCannotBeJoinedIsRefused) {
  auto t = read_grade_table(frame_of(kPatients), grade());
  auto second = rated_again(kPatients, "");
  const auto refusal = [&] { return error_of([&] { add_second_rater(t, frame_of(second), grade()); }); };
  second.columns[1] = "volumes";
  EXPECT_TRUE(has(refusal(), "volume")) << refusal();
  second.columns[1] = "volume";
  for (auto& row : second.rows) row[0] += "x";
  EXPECT_TRUE(has(refusal(), "no row of the second rater's table")) << refusal();
  second = rated_again(kPatients, "");
  second.rows.push_back(second.rows[0]);
  EXPECT_TRUE(has(refusal(), "\"a\" stands")) << refusal();
  auto columns = grade();
  columns.patient = "id";
  EXPECT_TRUE(has(error_of([&] { add_second_rater(t, frame_of(second), columns); }), "\"a\" stands twice"));
}

TEST(EvaluateGrade, NotesAreOfTheChainOfAllRows) {
  TextTable table = two_sites(48, 3, 5);
  table.rows[1][4] = table.rows[2][4] = table.rows[20][5] = "NA";
  const auto t = read_grade_table(frame_of(table), {"label", "", "", "", "site", {}});
  GradeEvaluationOptions o;
  o.chain = learn::parse_chain("steps: [standardise]\nclassifier: logistic\nfolds: 3\n", "test");
  o.draws = 100;
  const auto e = evaluate_grade(t, o);
  ASSERT_EQ(e.notes.size(), 1U) << joined(e.notes);
  EXPECT_TRUE(has(e.notes[0], "3 missing cells")) << e.notes[0];
}

TEST(EvaluateGrade, FoldsOfUnlikeShareAreTold) {
  TextTable table = two_sites(80, 2, 6);
  for (std::size_t r = 0; r < table.rows.size(); ++r) table.rows[r][1] = r % 10 < (r % 2 == 1 ? 8 : 3) ? "1" : "0";
  const auto t = read_grade_table(frame_of(table), {"label", "", "", "", "site", {}});
  GradeEvaluationOptions o;
  o.chain = learn::parse_chain("steps: [standardise]\nclassifier: logistic\nfolds: 3\n", "test");
  o.draws = 100;
  o.evaluation.leave_centre_out = true;
  const auto e = evaluate_grade(t, o);
  EXPECT_TRUE(has(joined(e.notes), "warning: between 40 and 80 % of the rows of a fold are positive"))
      << joined(e.notes);
  const Json& within = e.json.at("auc_within_folds");
  EXPECT_GT(within.at("estimate").get<double>(), e.json.at("auc").at("estimate").get<double>());
  EXPECT_LT(within.at("lower"), within.at("estimate"));
  o.evaluation.leave_centre_out = false;
  EXPECT_FALSE(has(joined(evaluate_grade(t, o).notes), "warning"));
}

TEST(EvaluateGrade, ASplitIsToldAndJudgedOnItsTestPart) {
  const TextTable table = two_sites(100, 3, 7);
  const auto t = read_grade_table(frame_of(table), {"label", "", "", "", "site", {}});
  GradeEvaluationOptions o;
  o.chain = learn::parse_chain("steps: [standardise]\nclassifier: logistic\n", "test");
  o.draws = 100;
  o.evaluation.split = {6, 2, 2};
  const auto e = evaluate_grade(t, o);
  EXPECT_EQ(e.json.at("n"), 20);
  EXPECT_EQ(e.json.at("positives"), 10);
  EXPECT_EQ(e.predictions.rows.size(), 20U);
  const Json& split = e.json.at("split");
  EXPECT_EQ(split.at("parts")[0], (Json{{"part", "training"}, {"n", 60}, {"patients", 60}, {"positives", 30}}));
  EXPECT_EQ(split.at("strata").size(), 4U);
  EXPECT_EQ(split.at("strata")[0].at("class"), "0");
  EXPECT_EQ(split.at("ratio").at("p"), 1);
  EXPECT_TRUE(has(joined(e.notes), "training 60 (30 positive), validation 20 (10 positive), test 20 (10 positive)"))
      << joined(e.notes);
  EXPECT_EQ(e.json.count("auc_within_folds"), 0U);
  EXPECT_TRUE(e.json.at("auc").contains("delong"));
  std::map<std::string, std::string> part;
  for (const auto& row : e.split.rows) part[row[0]] = row[1];
  for (const auto& row : e.predictions.rows) EXPECT_EQ(part.at(row[0]), "test");
  EXPECT_LT(e.json.at("auc").at("lower"), e.json.at("auc").at("upper"));
}

TEST(EvaluateGrade, EachCentreHasItsResults) {
  TextTable table = two_sites(80, 2, 6);
  for (std::size_t r = 0; r < table.rows.size(); ++r)
    if (r % 8 == 0) {
      table.rows[r][2] = "east";  // positive patients alone
      table.rows[r][1] = "1";
    }
  const auto t = read_grade_table(frame_of(table), {"label", "", "", "", "site", {}});
  GradeEvaluationOptions o;
  o.chain = learn::parse_chain("steps: [standardise]\nclassifier: logistic\nfolds: 3\n", "test");
  o.draws = 100;
  o.evaluation.leave_centre_out = true;
  const auto e = evaluate_grade(t, o);
  ASSERT_EQ(e.centres.rows.size(), 3U);
  EXPECT_EQ(Texts(e.centres.rows[0].begin(), e.centres.rows[0].begin() + 6),
            (Texts{"east", "10", "10", "NA", "NA", "NA"}));
  double right = 0;
  for (const Json& centre : e.json.at("centres")) {
    right += centre.at("accuracy").at("estimate").get<double>() * centre.at("n").get<double>();
    EXPECT_LE(centre.at("accuracy").at("lower"), centre.at("accuracy").at("estimate"));
    EXPECT_EQ(centre.at("auc").at("estimate").is_null(), centre.at("centre") == "east");
    EXPECT_EQ(centre.at("auc").at("lower").is_null(), centre.at("centre") == "east");
  }
  EXPECT_NEAR(right / 80, e.json.at("accuracy").at("estimate").get<double>(), 1e-9);
  EXPECT_TRUE(e.json.at("centres")[0].at("average_precision").at("estimate").is_null());
  EXPECT_FALSE(e.json.at("centres")[0].at("brier").at("lower").is_null());
}

TEST(EvaluateGrade, AllThatIsSaidOfPermutedClassesIsOfThem) {
  const auto t = read_grade_table(frame_of(two_sites(60, 3, 8)), {"label", "", "", "", "site", {}});
  GradeEvaluationOptions o;
  o.chain = learn::parse_chain("steps: [standardise]\nclassifier: logistic\nfolds: 3\n", "test");
  o.draws = 100;
  o.permute_labels = true;
  auto permuted = t;
  permuted.features = learn::with_permuted_classes(t.features, o.evaluation.seed);
  const auto e = evaluate_grade(t, o);
  o.permute_labels = false;
  const auto by_hand = evaluate_grade(permuted, o);
  EXPECT_EQ(e.predictions.rows, by_hand.predictions.rows);
  EXPECT_EQ(e.json.at("auc"), by_hand.json.at("auc"));
  EXPECT_EQ(e.json.at("naive_auc"), by_hand.json.at("naive_auc"));
  EXPECT_NE(e.predictions.rows, evaluate_grade(t, o).predictions.rows);
}

TEST(EvaluateGrade, FitsAreCounted) {
  const auto t = read_grade_table(frame_of(two_sites(60, 3, 8)), {"label", "", "", "", "site", {}});
  GradeEvaluationOptions o;
  o.chain = learn::parse_chain("steps: [standardise]\nclassifier: logistic\nfolds: 3\n", "test");
  o.against = o.chain;
  o.draws = 100;
  std::size_t fits = 0;
  o.evaluation.on_fit = [&] { ++fits; };
  for (const auto& split : {std::vector<double>{}, {6, 2, 2}}) {
    o.evaluation.split = split;
    o.evaluation.repeats = split.empty() ? 2 : 1;
    fits = 0;
    (void)evaluate_grade(t, o, &t);
    EXPECT_EQ(fits, fits_of_evaluation(t, o, true));
    EXPECT_EQ(fits, split.empty() ? 26U : 3U);
  }
}

TEST(Harmonise, SitesComeTogetherAndOtherCellsStay) {
  TextTable table = two_sites(40, 6, 2);
  table.rows[7][6] = "n/a";
  const auto out = harmonise(table, frame_of(table), by_site());
  EXPECT_EQ(out.table.columns, table.columns);
  for (std::size_t r = 0; r < table.rows.size(); ++r) {
    EXPECT_EQ(Texts(out.table.rows[r].begin(), out.table.rows[r].begin() + 4),
              Texts(table.rows[r].begin(), table.rows[r].begin() + 4));
    EXPECT_NE(out.table.rows[r][4], table.rows[r][4]);
  }
  EXPECT_EQ(out.table.rows[7][6], "n/a");
  const auto apart = [](const TextTable& t) { return std::abs(mean_of(t, "south", 4) - mean_of(t, "north", 4)); };
  EXPECT_GT(apart(table), 2);
  EXPECT_LT(apart(out.table), apart(table) / 3);  // empirical Bayes draws towards the other features
  auto alone = by_site();
  alone.combat.empirical_bayes = false;
  EXPECT_NEAR(apart(harmonise(table, frame_of(table), alone).table), 0, 1e-9);
  EXPECT_EQ(out.notes.front(), "6 features of 40 rows, 2 batches (\"site\"): f0, f1, f2, f3, f4 and 1 more");
}

TEST(Harmonise, ASavedModelDoesTheSame) {
  const TextTable table = two_sites(40, 6, 2);
  const auto folder = std::filesystem::temp_directory_path() / "gliocast-grade-test-combat";
  for (const char* reference : {"", "north"}) {
    const auto out = harmonise(table, frame_of(table), by_site(reference));
    write_harmonisation(folder, out.harmonisation);
    const auto again = harmonise_by(table, frame_of(table), read_harmonisation(folder));
    EXPECT_EQ(again.table.rows, out.table.rows);
  }
  TextTable lacking = table;
  lacking.columns[4] = "g0";
  const auto told = error_of([&] { (void)harmonise_by(lacking, frame_of(lacking), read_harmonisation(folder)); });
  EXPECT_TRUE(has(told, "f0")) << told;
  std::filesystem::remove_all(folder);
  EXPECT_THROW((void)read_harmonisation(folder), Error);
}

TEST(Harmonise, ANewSiteNeedsAReference) {
  const TextTable table = two_sites(40, 6, 2);
  TextTable other = two_sites(20, 6, 3);
  for (auto& row : other.rows) row[2] = "west";
  const auto model = harmonise(table, frame_of(table), by_site()).harmonisation;
  EXPECT_TRUE(has(error_of([&] { (void)harmonise_by(other, frame_of(other), model); }), "west"));
  const auto frozen = harmonise(table, frame_of(table), by_site("north")).harmonisation;
  const auto out = harmonise_by(other, frame_of(other), frozen);
  EXPECT_LT(std::abs(mean_of(out.table, "west", 4) - mean_of(table, "north", 4)), 0.5);
  other.rows.resize(4);
  EXPECT_TRUE(has(error_of([&] { (void)harmonise_by(other, frame_of(other), frozen); }), "west"));
}

TEST(Harmonise, WhatCannotBeHarmonisedIsRefusedByName) {
  TextTable table = two_sites(40, 3, 2);
  const auto refusal = [&](HarmoniseOptions o) {
    return error_of([&] { (void)harmonise(table, frame_of(table), o); });
  };
  auto o = by_site("west");
  EXPECT_TRUE(has(refusal(o), "west")) << refusal(o);
  o = by_site();
  o.batch = "hospital";
  EXPECT_TRUE(has(refusal(o), "hospital")) << refusal(o);
  o = by_site();
  o.keep = {"scanner"};
  table.columns[3] = "scanner";
  for (auto& row : table.rows) row[3] = row[2] == "south" ? "B" : "A";
  EXPECT_TRUE(has(refusal(o), "scanner")) << refusal(o);
  table.rows[4][3] = "";
  EXPECT_TRUE(has(refusal(o), "empty in row 5")) << refusal(o);
  table.rows[6][2] = "";
  EXPECT_TRUE(has(refusal(by_site()), "empty in row 7")) << refusal(by_site());
}

}  // namespace
}  // namespace gliocast::analysis
