// Nomograms beside tests/reference/signature/nomograms.json (R), and what must hold of any table.
#include <gliocast/core/error.hpp>
#include <gliocast/core/files.hpp>
#include <gliocast/core/json.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/core/random.hpp>
#include <gliocast/signature/nomograms.hpp>
#include <gliocast/survival/concordance.hpp>

#include <gtest/gtest.h>

#include "compared.hpp"
#include "test_paths.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <functional>

namespace gliocast::signature {
namespace {

using survival::DropRule;
using test_support::Compared;

constexpr const char* kReference = "R survival 3.5 (coxph, concordance)";

const Json& reference() {
  static const Json json =
      read_json(std::filesystem::path(GLIOCAST_SOURCE_DIR) / "tests/reference/signature/nomograms.json");
  return json;
}

stats::DataFrame frame_of(const Json& columns, const std::string& origin = "table") {
  TextTable table;
  for (const auto& [name, values] : columns.items()) {
    table.columns.push_back(name);
    table.rows.resize(values.size());
    for (std::size_t i = 0; i < values.size(); ++i)
      table.rows[i].push_back(values[i].is_null()     ? "NA"
                              : values[i].is_string() ? values[i].get<std::string>()
                                                      : shortest(values[i].get<double>()));
  }
  stats::DataFrame frame(table, origin);
  if (frame.find(kRiskGroup) != nullptr) frame.set_reference(kRiskGroup, "low");
  return frame;
}

survival::OutcomeColumns outcome() {
  survival::OutcomeColumns columns;
  columns.time = "time";
  columns.event = "event";
  return columns;
}

NomogramOptions clinical_options(DropRule rule = DropRule::LikelihoodRatio) {
  NomogramOptions o;
  o.candidates = {"age", "sex", "grade", "histology", "enhancement"};
  o.rule = rule;
  return o;
}

NomogramOptions integrated_options(DropRule rule = DropRule::LikelihoodRatio) {
  auto o = clinical_options(rule);
  o.candidates.emplace_back(kRiskGroup);
  return o;
}

void expect_near(double value, const Json& expected, double tolerance, const std::string& what) {
  if (expected.is_null()) {
    EXPECT_TRUE(std::isnan(value)) << what << " is " << value;
    return;
  }
  const double e = expected.get<double>();
  EXPECT_NEAR(value, e, tolerance * std::max(1.0, std::abs(e))) << what;
}

/// Coefficients and standard errors; of an infinite coefficient only that it is far out, as it is in R.
void expect_coefficients(const survival::CoxAnalysis& a, const Json& expected, const std::string& what,
                         Compared& compared) {
  ASSERT_EQ(a.fit.coefficients.size(), expected["estimate"].size()) << what;
  for (std::size_t c = 0; c < a.fit.coefficients.size(); ++c) {
    const double b = expected["estimate"][c].get<double>();
    if (std::abs(b) > 10) {
      EXPECT_TRUE(!a.fit.warnings.empty()) << what;
      continue;
    }
    compared.add(a.fit.coefficients[c], expected["estimate"][c], what);
    compared.add(std::sqrt(a.fit.variance(c, c)), expected["se"][c], what);
  }
}

void expect_fit(const FittedNomogram& fitted, const Json& expected, const std::string& what, Compared& compared) {
  ASSERT_EQ(fitted.univariate.models.size(), expected["univariate"].size()) << what;
  for (std::size_t f = 0; f < fitted.univariate.models.size(); ++f) {
    const auto& u = fitted.univariate.models[f];
    EXPECT_EQ(u.term, expected["univariate"][f]["factor"]) << what;
    compared.add(u.p, expected["univariate"][f]["p"], what + " P alone of " + u.term);
    expect_coefficients(u.analysis, expected["univariate"][f]["coefficients"], what + " " + u.term, compared);
  }
  EXPECT_EQ(Json(fitted.factors), expected["factors"]) << what;
  if (expected["kept"].empty()) return;
  ASSERT_TRUE(fitted.multivariate.analysis.has_value()) << what;
  for (std::size_t f = 0; f < fitted.multivariate.p.size(); ++f)
    compared.add(fitted.multivariate.p[f], expected["multivariate"]["p"][f], what + " P together");
  expect_coefficients(*fitted.multivariate.analysis, expected["multivariate"]["coefficients"], what + " together",
                      compared);
  if (fitted.fit) expect_coefficients(*fitted.fit, expected["final"], what + " final", compared);
}

void expect_performance(const NomogramPerformance& p, const Json& expected, const std::string& what,
                        Compared& concordance, Compared& brier) {
  concordance.add(p.concordance.value, expected["concordance"], what + " C");
  concordance.add(p.concordance.se, expected["se"], what + " se of C");
  constexpr double kSeparated = 10;  // a standard error of a slope that R gives where the events are parted
  const bool slope = !expected["slope"].is_null() && !expected["slope"].empty();
  if (slope && expected["slope"]["se"].get<double>() > kSeparated) {
    EXPECT_TRUE(std::isnan(p.calibration_slope.value)) << what;
  } else if (slope) {
    expect_near(p.calibration_slope.value, expected["slope"]["estimate"], 1e-5, what + " slope");
    expect_near(p.calibration_slope.se, expected["slope"]["se"], 1e-5, what + " se of the slope");
  }
  for (std::size_t t = 0; t < p.brier.size(); ++t)
    brier.add(p.brier[t].value, expected["brier"][t], what + " Brier score");
  brier.add(p.integrated_brier.value, expected["integrated_brier"], what + " integrated Brier score");
}

TEST(Nomograms, ChoiceAndModelsAsR) {
  Compared compared(1e-6);
  for (const auto& c : reference()["cases"])
    for (const auto& [rule, expected] : c["rules"].items()) {
      const auto drop = rule == "paper" ? DropRule::AnyLevel : DropRule::LikelihoodRatio;
      const auto frame = frame_of(c["training"]);
      const auto integrated = fit_nomogram(frame, outcome(), integrated_options(drop));
      EXPECT_EQ(integrated.n, c["n"].get<std::size_t>());
      expect_fit(integrated, expected["integrated"], c["name"].get<std::string>() + ", " + rule + ", integrated",
                 compared);
    }
  compared.print("signature", "nomograms: P of each factor by both drop rules, coefficients and their standard errors",
                 kReference);
}

TEST(Nomograms, ExternalComparisonAsR) {
  Compared concordance(1e-9), brier(1e-8);
  for (const auto& c : reference()["cases"])
    for (const auto& [rule, expected] : c["rules"].items()) {
      ComparisonOptions o;
      o.nomogram = clinical_options(rule == "paper" ? DropRule::AnyLevel : DropRule::LikelihoodRatio);
      const auto compared = compare_nomograms(frame_of(c["training"]), frame_of(c["external"]), outcome(), o);
      const std::string what = c["name"].get<std::string>() + ", " + rule;
      const Json& e = expected["external"];
      EXPECT_EQ(compared.row.size(), e["n"].get<std::size_t>()) << what;
      EXPECT_EQ(compared.events, e["events"].get<std::size_t>()) << what;
      EXPECT_EQ(compared.brier_until, e["brier_until"].get<double>()) << what;
      expect_performance(compared.clinical, e["clinical"], what + ", clinical", concordance, brier);
      expect_performance(compared.integrated, e["integrated"], what + ", integrated", concordance, brier);
      concordance.add(compared.concordance.difference.value, e["difference"], what + " difference");
      concordance.add(compared.concordance.difference.se, e["difference_se"], what + " its se");
      concordance.add(compared.concordance.test.p, e["p"], what + " its P");
      EXPECT_EQ(compared.draws, 0U);
    }
  concordance.print("signature", "nomograms on external rows: C of both, their difference, its standard error and P",
                    kReference);
  brier.print("signature", "nomograms on external rows: Brier scores at times, and integrated",
              "R 4.2, by their formula");
}

TEST(Nomograms, DifferenceOfTwoFitsAsR) {
  const auto frame = frame_of(reference()["cases"][0]["training"]);
  std::vector<survival::Concordance> c;
  for (const char* formula : {"age + risk_group", "age + grade"}) {
    const auto a = survival::analyse_cox(frame, outcome(), formula);
    c.push_back(survival::concordance(a.used.sample, a.fit.linear_predictors));
  }
  const auto d = survival::compare(c[0], c[1]);
  expect_near(d.difference.value, reference()["two_fits"]["difference"], 1e-9, "difference");
  expect_near(d.difference.se, reference()["two_fits"]["difference_se"], 1e-9, "its se");
}

/// A table of n patients: hazard by age, grade and, with `effect`, the group.
struct Made {
  stats::DataFrame frame;
  std::vector<char> high_risk;
};
Made make(std::size_t n, double effect, std::uint64_t seed) {
  Random random(seed);
  TextTable table{{"age", "sex", "grade", "histology", "enhancement", "time", "event"}, {}};
  Made made;
  for (std::size_t i = 0; i < n; ++i) {
    const double age = 45 + 12 * random.normal();
    const bool grade = random.uniform() < 0.5, high = random.uniform() < 0.5;
    const double hazard = 0.02 * std::exp(0.03 * (age - 45) + 0.6 * grade + effect * high);
    const double death = -std::log(1 - random.uniform()) / hazard, last = 10 + 80 * random.uniform();
    made.high_risk.push_back(high ? 1 : 0);
    table.rows.push_back({shortest(age), random.uniform() < 0.5 ? "female" : "male", grade ? "III" : "II",
                          random.uniform() < 0.6 ? "A" : "O", random.uniform() < 0.5 ? "no" : "yes",
                          shortest(std::min(death, last)), death <= last ? "1" : "0"});
  }
  made.frame = stats::DataFrame(table, "made");
  return made;
}

/// Replaces a column by text.
void set_text(stats::DataFrame& frame, const std::string& name, const std::function<std::string(std::size_t)>& text) {
  TextTable table{{name}, {}};
  for (std::size_t i = 0; i < frame.rows(); ++i) table.rows.push_back({text(i)});
  frame.add(stats::DataFrame(table, "made").columns()[0]);
}

ComparisonOptions few_draws() {
  ComparisonOptions o;
  o.nomogram = clinical_options();
  o.resampling.draws = 400;
  return o;
}

TEST(Nomograms, OneFoldIsTrainingAndExternal) {
  const auto made = make(200, 1, 3);
  GroupedFold fold;
  for (std::size_t i = 0; i < 200; ++i) {
    (i % 3 == 0 ? fold.test : fold.training).push_back(i);
    (i % 3 == 0 ? fold.test_high_risk : fold.training_high_risk).push_back(made.high_risk[i]);
  }
  const auto grouped = with_risk_group(made.frame, made.high_risk);
  const auto a = compare_nomograms(made.frame, outcome(), {fold}, few_draws());
  const auto b = compare_nomograms(grouped.subset(fold.training), grouped.subset(fold.test), outcome(), few_draws());
  EXPECT_EQ(a.row, fold.test);
  EXPECT_EQ(a.concordance.difference.value, b.concordance.difference.value);
  EXPECT_EQ(a.concordance.test.p, b.concordance.test.p);
  EXPECT_EQ(a.integrated.integrated_brier.value, b.integrated.integrated_brier.value);
  EXPECT_EQ(a.integrated.survival, b.integrated.survival);
}

/// C by pairs within folds, counted one by one.
double pairs_within_folds(const NomogramComparison& c, const std::vector<double>& survival) {
  double good = 0, pairs = 0;
  for (std::size_t i = 0; i < c.row.size(); ++i)
    for (std::size_t j = 0; j < c.row.size(); ++j) {
      if (c.fold[i] != c.fold[j] || !c.sample.event[i]) continue;
      const bool before =
          c.sample.time[i] < c.sample.time[j] || (c.sample.time[i] == c.sample.time[j] && !c.sample.event[j]);
      if (!before) continue;
      ++pairs;
      good += survival[i] < survival[j] ? 1 : survival[i] == survival[j] ? 0.5 : 0;
    }
  return good / pairs;
}

TEST(Nomograms, CrossValidationComparesWithinFolds) {
  const auto made = make(240, 1, 5);
  const auto folds = deal_folds(made.frame, outcome(), made.high_risk, 5, 2, 1);
  ASSERT_EQ(folds.size(), 10U);
  const auto c = compare_nomograms(made.frame, outcome(), folds, few_draws());
  EXPECT_EQ(c.row.size(), 480U);
  EXPECT_EQ(c.patients, 240U);
  EXPECT_EQ(c.draws, 400U);
  // At a time when nobody's survival is 0 or 1 yet, the order of survival is that of the risk.
  EXPECT_NEAR(c.clinical.concordance.value, pairs_within_folds(c, c.clinical.survival[0]), 1e-12);
  EXPECT_NEAR(c.integrated.concordance.value, pairs_within_folds(c, c.integrated.survival[0]), 1e-12);
  EXPECT_GT(c.concordance.difference.low, 0);
  EXPECT_LT(c.concordance.test.p, 0.05);
  EXPECT_LT(c.integrated_brier.difference.high, 0);
  EXPECT_EQ(c.integrated.kept.at(kRiskGroup), 10U);
}

/// In how many of 10 seeds the interval of the difference in C lies above 0, on 300 external patients.
std::size_t found(double effect) {
  std::size_t above = 0;
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    const auto training = make(300, effect, 2 * seed), external = make(300, effect, 2 * seed + 1);
    const auto c = compare_nomograms(with_risk_group(training.frame, training.high_risk),
                                     with_risk_group(external.frame, external.high_risk), outcome(), few_draws());
    above += c.concordance.difference.low > 0;
  }
  return above;
}

TEST(Nomograms, APlantedEffectIsFoundAndNoneIsNot) {
  EXPECT_GE(found(1), 9U);
  EXPECT_LE(found(0), 1U);
}

TEST(Nomograms, BootstrapAgreesWithInfluences) {
  const auto made = make(240, 1, 6);
  auto o = few_draws();
  o.resampling.draws = 2000;
  const auto c =
      compare_nomograms(made.frame, outcome(), deal_folds(made.frame, outcome(), made.high_risk, 5, 3, 1), o);
  std::vector<double> risk;
  for (const double s : c.integrated.survival[0]) risk.push_back(-s);
  std::vector<int> patient(c.row.begin(), c.row.end());
  const auto by_influences = survival::concordance(c.sample, risk, {}, c.fold, patient);
  EXPECT_NEAR(c.integrated.concordance.se / by_influences.se, 1, 0.15);
}

TEST(Nomograms, SameNumbersForAnyNumberOfThreads) {
  const auto made = make(120, 1, 7);
  const auto folds = deal_folds(made.frame, outcome(), made.high_risk, 4, 2, 9);
  auto o = few_draws();
  o.resampling.threads = 1;
  const auto one = compare_nomograms(made.frame, outcome(), folds, o);
  o.resampling.threads = 3;
  const auto three = compare_nomograms(made.frame, outcome(), folds, o);
  EXPECT_EQ(one.concordance.difference.low, three.concordance.difference.low);
  EXPECT_EQ(one.concordance.test.p, three.concordance.test.p);
}

TEST(Nomograms, FitsSeeTrainingRowsAlone) {
  auto made = make(160, 1, 8);
  const auto folds = deal_folds(made.frame, outcome(), made.high_risk, 4, 1, 2);
  const auto before = compare_nomograms(made.frame, outcome(), {folds[0]}, few_draws());
  // Other times of the test rows change nothing that is predicted of them.
  auto time = made.frame.at("time");
  for (const std::size_t r : folds[0].test) time.numbers[r] = 100 - time.numbers[r];
  made.frame.add(time);
  const auto after = compare_nomograms(made.frame, outcome(), {folds[0]}, few_draws());
  EXPECT_EQ(before.integrated.survival, after.integrated.survival);
  EXPECT_NE(before.integrated.concordance.value, after.integrated.concordance.value);
}

bool any_with(const std::vector<std::string>& sentences, const std::string& part) {
  return std::ranges::any_of(sentences, [&](const std::string& s) { return s.find(part) != std::string::npos; });
}

TEST(Nomograms, NothingStaysIsOneCurveForAll) {
  const auto made = make(80, 0, 11);
  NomogramOptions o;
  o.candidates = {"sex", "enhancement"};
  o.p = 1e-6;
  const auto fitted = fit_nomogram(made.frame, outcome(), o);
  EXPECT_TRUE(fitted.factors.empty());
  EXPECT_TRUE(any_with(fitted.doubts(), "no factor stays"));
  const auto p = fitted.predict(made.frame, {0, 12, 1e9});
  const auto km = survival::kaplan_meier(survival::make_survival_frame(made.frame, outcome()).sample);
  for (std::size_t i = 0; i < made.frame.rows(); ++i) {
    EXPECT_EQ(p.risk[i], 0);
    EXPECT_EQ(p.survival[0][i], 1);
    EXPECT_EQ(p.survival[1][i], km.at(12)->survival);
    EXPECT_EQ(p.survival[2][i], km.steps.back().survival);
  }
  // Without any clinical column the clinical model is that curve, and the group alone is compared with it.
  ComparisonOptions c;
  const auto grouped = with_risk_group(made.frame, made.high_risk);
  const auto compared = compare_nomograms(grouped, grouped, outcome(), c);
  EXPECT_EQ(compared.clinical.null_models, 1U);
  EXPECT_EQ(compared.clinical.concordance.value, 0.5);
}

TEST(Nomograms, SeparationCollinearityAndConstantsAreNamed) {
  auto made = make(150, 0, 12);
  auto event = made.frame.at("event");
  for (std::size_t i = 0; i < made.frame.rows(); ++i)
    if (made.frame.at("grade").text(i) == "II") event.numbers[i] = 0;
  made.frame.add(event);
  set_text(made.frame, "phase", [&](std::size_t i) { return made.frame.at("grade").text(i) == "II" ? "a" : "b"; });
  set_text(made.frame, "site", [](std::size_t) { return "one"; });
  NomogramOptions o;
  o.candidates = {"age", "grade", "phase", "site"};
  const auto fitted = fit_nomogram(made.frame, outcome(), o);
  const auto doubts = fitted.doubts();
  EXPECT_TRUE(any_with(doubts, "separation"));
  EXPECT_TRUE(any_with(doubts, "collinear"));
  EXPECT_TRUE(any_with(doubts, "\"site\" has one value"));
  EXPECT_EQ(fitted.constant, std::vector<std::string>{"site"});
  // Of two factors that say the same the first stays.
  EXPECT_NE(std::ranges::find(fitted.factors, "grade"), fitted.factors.end());
  EXPECT_EQ(std::ranges::find(fitted.factors, "phase"), fitted.factors.end());
}

TEST(Nomograms, TestsOfCollinearFactorsAsR) {
  const auto frame = frame_of(reference()["collinear"]["training"]);
  const auto a = survival::analyse_cox(frame, outcome(), "age + grade + histology");
  Compared compared(1e-8);
  compared.add_all(survival::term_p_values(frame, outcome(), a, DropRule::LikelihoodRatio, {}),
                   reference()["collinear"]["p"], "P of age, grade, histology");
}

TEST(Nomograms, FactorsOfPatientsWithSeveralRowsAsR) {
  const Json json =
      read_json(std::filesystem::path(GLIOCAST_SOURCE_DIR) / "tests/reference/survival/expected_clusters.json");
  const auto& choice = json["choice"];
  const auto frame = frame_of(choice["table"]);
  survival::OutcomeColumns columns{"time", "status", "", "", "", "patient"};
  const auto together = survival::analyse_cox(frame, columns, "age + grade + score");
  Compared compared(1e-7);
  compared.add_all(survival::term_p_values(frame, columns, together, DropRule::LikelihoodRatio, {}), choice["p"],
                   "P of factors, several rows a patient");
  std::vector<double> alone;
  for (const auto& m :
       survival::screen_univariate(frame, columns, "age + grade + score", DropRule::LikelihoodRatio, 0.05, {}).models)
    alone.push_back(m.p);
  compared.add_all(alone, choice["alone"], "P of factors alone, several rows a patient");
}

TEST(Nomograms, FewEventsAreTold) {
  EXPECT_TRUE(any_with(fit_nomogram(make(40, 0, 2).frame, outcome(), clinical_options()).doubts(), "10 events"));
  EXPECT_FALSE(any_with(fit_nomogram(make(400, 0, 2).frame, outcome(), clinical_options()).doubts(), "10 events"));
}

TEST(Nomograms, LevelsThatTrainingLacksAreLeftOutOfBoth) {
  auto made = make(200, 1, 13);
  set_text(made.frame, "grade",
           [&](std::size_t i) { return i == 0 || i == 1 ? "IV" : made.frame.at("grade").text(i); });
  GroupedFold fold;
  for (std::size_t i = 0; i < 200; ++i) {
    (i < 70 ? fold.test : fold.training).push_back(i);
    (i < 70 ? fold.test_high_risk : fold.training_high_risk).push_back(made.high_risk[i]);
  }
  auto o = few_draws();
  o.nomogram.p = 0.99;
  const auto c = compare_nomograms(made.frame, outcome(), {fold}, o);
  ASSERT_EQ(c.integrated.kept.count("grade"), 1U);
  EXPECT_EQ(c.row.size(), 68U);
  EXPECT_TRUE(any_with(c.notes, "column \"grade\" has the level \"IV\", which no training row has: 2 rows"));
}

TEST(Nomograms, TimesBeyondFollowUpAreMarked) {
  const auto made = make(150, 1, 14);
  auto o = few_draws();
  o.times = {12, 36, 500};
  const auto grouped = with_risk_group(made.frame, made.high_risk);
  const auto c = compare_nomograms(grouped, grouped, outcome(), o);
  EXPECT_EQ(c.extrapolated, (std::vector<char>{0, 0, 1}));
  EXPECT_EQ(c.brier_until, 36);
  EXPECT_TRUE(std::isnan(c.clinical.brier[2].value));
  EXPECT_TRUE(any_with(c.notes, "time 500 lies beyond the"));
}

TEST(Nomograms, FoldsKeepPatientsTogether) {
  auto made = make(150, 1, 15);
  set_text(made.frame, "patient", [](std::size_t i) { return "p" + std::to_string(i / 3); });
  auto columns = outcome();
  columns.cluster = "patient";
  for (const auto& fold : deal_folds(made.frame, columns, made.high_risk, 5, 1, 1))
    for (const std::size_t a : fold.test)
      for (const std::size_t b : fold.training) ASSERT_NE(a / 3, b / 3);
  const auto c =
      compare_nomograms(made.frame, columns, deal_folds(made.frame, columns, made.high_risk, 5, 1, 1), few_draws());
  EXPECT_EQ(c.patients, 50U);
}

TEST(Nomograms, AFoldWithoutEventsIsNamed) {
  const auto made = make(60, 1, 16);
  GroupedFold fold;
  const auto& event = made.frame.at("event").numbers;
  for (std::size_t i = 0; i < 60; ++i) {
    (event[i] > 0 ? fold.test : fold.training).push_back(i);
    (event[i] > 0 ? fold.test_high_risk : fold.training_high_risk).push_back(made.high_risk[i]);
  }
  try {
    (void)compare_nomograms(made.frame, outcome(), {fold}, few_draws());
    FAIL() << "no error";
  } catch (const Error& e) {
    EXPECT_NE(std::string(e.what()).find("fold 1"), std::string::npos) << e.what();
    EXPECT_NE(std::string(e.what()).find("no event"), std::string::npos) << e.what();
  }
}

}  // namespace
}  // namespace gliocast::signature
