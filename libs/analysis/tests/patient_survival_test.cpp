// One patient's survival is survfit's (tests/reference/survival/expected_patient.R), what is not known has curves for
// each value, and what is missing is named.
#include "messages.hpp"
#include "test_paths.hpp"

#include <gliocast/analysis/patient_survival.hpp>
#include <gliocast/core/files.hpp>
#include <gliocast/survival/cox_model_file.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace gliocast::analysis {
namespace {

using findings::ClinicalRecord;
using findings::Histology;
using findings::NoSurvival;
using findings::SurvivalEstimate;
using findings::WhoGrade;
using test_support::error_of;
using test_support::has;

const std::filesystem::path kSource = GLIOCAST_SOURCE_DIR;
const findings::Grade kRefused = findings::NoReliableGrade{};

models::Bundle shipped() { return models::read_bundle(kSource / "models/nomogram-lgg", models::Kind::Cox); }

const PatientSurvivalModel& model() {
  static const PatientSurvivalModel m = patient_survival_model(shipped(), "");
  return m;
}

SurvivalEstimate estimated(const PatientSurvivalModel& m, const ClinicalRecord& record) {
  return std::get<SurvivalEstimate>(estimate_survival(m, record, kRefused).result);
}

NoSurvival refused(const PatientSurvivalModel& m, const ClinicalRecord& record,
                   const findings::Grade& grade = kRefused) {
  return std::get<NoSurvival>(estimate_survival(m, record, grade).result);
}

/// A model of a small table by `formula`, its times in months.
PatientSurvivalModel fitted(const std::string& formula) {
  TextTable table{{"os_months", "dead", "age", "who_grade", "sex", "kps", "site"}, {}};
  for (int i = 0; i < 60; ++i)
    table.rows.push_back({std::to_string(1 + (i * 7) % 59), i % 3 == 0 ? "0" : "1", std::to_string(25 + (i * 11) % 40),
                          i % 2 == 0 ? "2" : "3", i % 4 < 2 ? "F" : "M", std::to_string(60 + 10 * ((i * 5) % 4)),
                          i % 5 < 2 ? "left" : "right"});
  const stats::DataFrame frame(table, "made.csv");
  models::Bundle bundle{.kind = models::Kind::Cox, .name = "made"};
  bundle.payload =
      survival::to_json(survival::analyse_cox(frame, {"os_months", "dead", {}, {}, {}, {}}, formula).model);
  return patient_survival_model(bundle, "");
}

TEST(PatientSurvivalOracle, NumbersAreSurvfits) {
  const Json expected = read_json(kSource / "tests/reference/survival/expected_patient.json");
  for (const Json& r : expected["patients"]) {
    ClinicalRecord record{.age = r["age"].get<double>()};
    record.histology = findings::parse_histology(r["histology"].get<std::string>());
    record.grade = findings::parse_who_grade(r["grade"].get<std::string>());
    const auto estimate = estimated(model(), record);
    ASSERT_EQ(estimate.curves.size(), 1U);
    const auto& curve = estimate.curves[0];
    EXPECT_NEAR(curve.linear_predictor, r["linear_predictor"].get<double>(), 1e-9);
    EXPECT_NEAR(curve.median.value_or(-1), r["median"].is_null() ? -1 : r["median"].get<double>(), 1e-9);
    for (std::size_t t = 0; t < 3; ++t) {
      EXPECT_EQ(curve.at[t].time, expected["times"][t].get<double>());
      EXPECT_NEAR(curve.at[t].survival, r["survival"][t].get<double>(), 1e-8);
      EXPECT_NEAR(curve.at[t].low, r["low"][t].get<double>(), 1e-8);
      EXPECT_NEAR(curve.at[t].high, r["high"][t].get<double>(), 1e-8);
      EXPECT_FALSE(curve.at[t].extrapolated);
    }
    EXPECT_EQ(curve.predictors[0].outside.has_value(), *record.age > 87) << "the fit has seen 18 to 87 years";
  }
}

TEST(PatientSurvival, PointsAddUpAndStandOnTheirAxes) {
  const auto estimate = estimated(model(), {.age = 41, .histology = Histology::Astrocytoma, .grade = WhoGrade::Three});
  const auto& curve = estimate.curves[0];
  double sum = 0;
  for (const auto& p : curve.predictors) sum += p.points;
  EXPECT_NEAR(sum, curve.total_points, 1e-9);
  const auto figure = patient_nomogram_figure(model(), estimate);
  for (const auto& line : figure.predictors) {
    ASSERT_EQ(line.patient.size(), 1U);
    for (const auto& mark : line.marks)
      if (mark.label == "astrocytoma" || mark.label == "G3") {
        EXPECT_NEAR(line.patient[0], mark.points, 1e-9) << mark.label;
      }
  }
  // Age 41 between its neighbouring marks, by their distance.
  const auto& age = figure.predictors[0];
  const auto points = [&](const char* label) {
    for (const auto& mark : age.marks)
      if (mark.label == label) return mark.points;
    return std::nan("");
  };
  EXPECT_NEAR(age.patient[0], points("40") + (points("45") - points("40")) / 5, 1e-9);
  for (const auto& line : figure.totals) EXPECT_EQ(line.patient, std::vector{curve.total_points});
}

TEST(PatientSurvival, WhatIsNotKnownHasACurveForEachValue) {
  auto e = estimated(model(), {.age = 41, .grade = WhoGrade::Low});
  ASSERT_EQ(e.curves.size(), 6U);
  EXPECT_EQ(supposed_by(e.curves[0]), "grade G2, histology astrocytoma");
  EXPECT_EQ(supposed_by(e.curves[5]), "grade G3, histology oligodendroglioma");
  EXPECT_EQ(calculator_start(e).dump(), R"({"age":"41"})");
  EXPECT_TRUE(std::isnan(patient_curves_figure("months", e.curves).curves[0].low[5]))
      << "six bands would hide each other";
  e = estimated(model(), {.age = 41, .histology = Histology::Oligodendroglioma, .grade = WhoGrade::Low});
  ASSERT_EQ(e.curves.size(), 2U);
  EXPECT_EQ(patient_nomogram_figure(model(), e).predictors[1].patient.size(), 2U);
  const findings::Grade low = findings::GradeEstimate{.probability = 0.1, .low = 0.05, .high = 0.2};
  const auto of_images = estimate_survival(model(), {.age = 41, .histology = Histology::Astrocytoma}, low);
  EXPECT_TRUE(std::get<SurvivalEstimate>(of_images.result).grade_of_images);
  EXPECT_EQ(std::get<SurvivalEstimate>(of_images.result).curves.size(), 2U);
}

TEST(PatientSurvival, AModelOfTwoClassesOfGradeReadsALowerGradeAsTheLow) {
  TextTable table{{"os_months", "dead", "age", "grade"}, {}};
  for (int i = 0; i < 40; ++i)
    table.rows.push_back({std::to_string(1 + (i * 7) % 39), i % 3 == 0 ? "0" : "1", std::to_string(25 + (i * 11) % 40),
                          i % 2 == 0 ? "LGG" : "HGG"});
  models::Bundle bundle{.kind = models::Kind::Cox, .name = "made"};
  bundle.payload = survival::to_json(
      survival::analyse_cox(stats::DataFrame(table, "made.csv"), {"os_months", "dead", {}, {}, {}, {}}, "age + grade")
          .model);
  const auto e = estimated(patient_survival_model(bundle, ""), {.age = 41, .grade = WhoGrade::Three});
  ASSERT_EQ(e.curves.size(), 1U);
  EXPECT_EQ(e.curves[0].predictors[1].value, "LGG");
  EXPECT_EQ(e.curves[0].predictors[1].given, "3");
}

TEST(PatientSurvival, WhatIsMissingIsNamedAndNoNumberStands) {
  using Reason = NoSurvival::Reason;
  EXPECT_EQ(refused(model(), {.grade = WhoGrade::Two}), (NoSurvival{Reason::PredictorMissing, {"age"}, {}}));
  EXPECT_EQ(refused(model(), {.age = 41}).reason, Reason::GradeUnknown);
  EXPECT_EQ(refused(model(), {.age = 41, .grade = WhoGrade::Four}).reason, Reason::HighGradeGiven);
  const auto other = fitted("age + who_grade + sex + kps + site");
  EXPECT_EQ(refused(other, {.age = 41, .grade = WhoGrade::Two}),
            (NoSurvival{Reason::PredictorMissing, {"sex", "kps", "site"}, {}}));
  ClinicalRecord record{.age = 41, .sex = findings::Sex::Male, .grade = WhoGrade::Two};
  record.columns = {{"kps", "80"}, {"site", "middle"}};
  const auto unknown = refused(other, record);
  EXPECT_EQ(unknown.reason, Reason::LevelUnknown);
  EXPECT_EQ(unknown.names, std::vector<std::string>{"site (the model knows left, right)"});
}

TEST(PatientSurvival, AnotherModelsColumnsAreRead) {
  const auto m = fitted("age + who_grade + sex + kps + site");
  EXPECT_EQ(m.facts.unit, "months");
  EXPECT_EQ(m.facts.trained_on, "not stated");
  ClinicalRecord record{.age = 41, .sex = findings::Sex::Male, .grade = WhoGrade::Two};
  record.columns = {{"kps", "100"}, {"site", "left"}};
  const auto e = estimated(m, record);
  const auto& p = e.curves[0].predictors;
  EXPECT_EQ(p[1].value, "2");
  EXPECT_EQ(p[2].value, "M");
  ASSERT_TRUE(p[3].outside);
  EXPECT_EQ(p[3].outside->second, 90);
  EXPECT_TRUE(e.curves[0].at[2].extrapolated) << "60 months, where the last patient was followed for 59";
  EXPECT_EQ(e.curves[0].at[2].survival, e.curves[0].survival.back());
  const auto reference = m.model.predict(
      stats::DataFrame(TextTable{{"age", "who_grade", "sex", "kps", "site"}, {{"41", "2", "M", "100", "left"}}}, "p"),
      {36});
  EXPECT_EQ(e.curves[0].at[1].survival, reference[0].survival[0]);
}

TEST(PatientSurvival, ModelsThatNeedMoreAreRefused) {
  auto bundle = shipped();
  bundle.card.erase("unit");
  EXPECT_EQ(patient_survival_model(bundle, "").told.times[2], 60) << "the column is called months";
  EXPECT_EQ(patient_survival_model(bundle, "days").told.times[0], 365.25);
  bundle.payload["time"] = "OS";
  EXPECT_TRUE(has(error_of([&] { (void)patient_survival_model(bundle, ""); }), "--survival-unit"));
  EXPECT_TRUE(has(error_of([] { (void)fitted("age + strata(sex)"); }), "has strata"));
  EXPECT_TRUE(has(error_of([] { (void)fitted("age + offset(kps)"); }), "has an offset"));
}

TEST(PatientSurvivalFigure, EndsWhereTheUpperLimitRises) {
  const auto e = estimated(model(), {.age = 71, .histology = Histology::Astrocytoma, .grade = WhoGrade::Three});
  const auto& curve = e.curves.front();
  ASSERT_GT(curve.high.back(), *std::ranges::min_element(curve.high) + 0.05) << "few are left: limits as survfit's";
  const auto figure = patient_curves_figure("months", e.curves);
  const auto& drawn = figure.curves.front();
  ASSERT_LT(drawn.time.size(), curve.time.size());
  EXPECT_GE(drawn.time.back(), 60) << "the times that are told are drawn";
  double lowest = 1;
  for (std::size_t i = 0; i < drawn.high.size(); ++i) {
    EXPECT_EQ(drawn.high[i], curve.high[i]);
    EXPECT_LE(drawn.high[i], lowest + 0.02);
    lowest = std::min(lowest, drawn.high[i]);
  }
  EXPECT_TRUE(has(figure.remark, "too few patients were observed longer")) << figure.remark;
}

}  // namespace
}  // namespace gliocast::analysis
