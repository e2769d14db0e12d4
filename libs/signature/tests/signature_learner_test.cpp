#include "tables.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/learn/folds.hpp>
#include <gliocast/signature/signature_learner.hpp>
#include <gliocast/survival/concordance.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <map>
#include <memory>
#include <set>
#include <string>

using namespace gliocast;
using namespace gliocast::signature;
using learn::all_rows;

namespace {

SignatureSpecification quick(Target target = Target::Cox) {
  SignatureSpecification s;
  s.target = target;
  s.trees = 30;
  s.alpha = {0.5, 1};
  return s;
}

double concordance(const SurvivalTable& t, const std::vector<double>& risk) {
  return survival::concordance(t.outcome, risk).value;
}

std::string problem_of(const SurvivalTable& t, const SignatureSpecification& s = quick()) {
  try {
    (void)SignatureLearner(s).fit(t, all_rows(t.features), {1, 1});
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), ExitCode::UnusableInput);
    return e.problem() + "; " + e.where();
  }
  return "";
}

bool holds(const std::vector<std::string>& notes, const std::string& words) {
  return std::ranges::any_of(notes, [&](const auto& n) { return n.find(words) != std::string::npos; });
}

TEST(SignatureLearner, FindsThePlantedFeaturesAndRanksNewPatients) {
  const auto training = planted_table(250, 60, {0.9, -0.8, 0.7}, 1),
             other = planted_table(400, 60, {0.9, -0.8, 0.7}, 2);
  for (const Target target : {Target::Cox, Target::Time}) {
    const auto fit = SignatureLearner(quick(target)).fit(training.table, all_rows(training.table.features), {1, 2});
    const auto& parts = fit.model->parts();
    std::map<std::string, double> weights;
    for (const auto& c : parts.candidates) weights[c.feature] = c.weight;
    EXPECT_LT(weights.at("f0"), 0);  // more of it is more risk, low is poor
    EXPECT_GT(weights.at("f1"), 0);
    EXPECT_LT(weights.at("f2"), 0);
    EXPECT_EQ(parts.candidates.size(), 10u);
    const double best = concordance(other.table, other.log_hazard),
                 found = concordance(other.table, negative(fit.model->signature(other.table.features)));
    EXPECT_GT(found, best - 0.03) << best;
    ASSERT_TRUE(parts.survival);
    EXPECT_LT(parts.survival->coefficients.at(0), 0);
    EXPECT_GT(parts.held_out_concordance.value, 0.65);
    ASSERT_TRUE(parts.cut_check);
    EXPECT_LT(parts.cut_check->p_corrected, 0.001);
    EXPECT_GE(parts.cut_check->p_corrected, 0);
    EXPECT_EQ(holds(parts.notes, "are censored, and the target time takes them for deaths"), target == Target::Time);
  }
}

// As many features as patients: the default finds what was planted, nearly as well as who knows it.
TEST(SignatureLearner, TheDefaultFindsASignalAmongThreeHundredFeatures) {
  const std::vector<double> effects{0.7, -0.7, 0.6, -0.6, 0.5};
  const auto training = planted_table(300, 300, effects, 21), other = planted_table(1000, 300, effects, 22);
  const auto fit = SignatureLearner({}).fit(training.table, all_rows(training.table.features), {1, 2});
  std::set<std::string> candidates;
  for (const auto& c : fit.model->parts().candidates) candidates.insert(c.feature);
  for (const char* planted : {"f0", "f1", "f2", "f3", "f4"}) EXPECT_TRUE(candidates.contains(planted)) << planted;
  const double best = concordance(other.table, other.log_hazard),
               found = concordance(other.table, negative(fit.model->signature(other.table.features)));
  EXPECT_GT(found, best - 0.02) << best;
  std::size_t folds_with_first = 0;
  for (const auto& chosen : fit.selected_within) folds_with_first += std::ranges::count(chosen, "f0") > 0 ? 1 : 0;
  EXPECT_EQ(fit.selected_within.size(), 5u);
  EXPECT_EQ(folds_with_first, 5u);
}

TEST(SignatureLearner, GroupsPartTheTrainingRowsInHalves) {
  const auto p = planted_table(120, 20, {1, -1}, 3);
  const auto fit = SignatureLearner(quick()).fit(p.table, all_rows(p.table.features), {1, 2});
  EXPECT_EQ(std::ranges::count(fit.in_sample_high_risk, 1), 60);
  EXPECT_EQ(&fit.training_high_risk(), &fit.held_out_high_risk);
  auto in_sample = quick();
  in_sample.groups = TrainingGroups::InSample;
  const auto paper = SignatureLearner(in_sample).fit(p.table, all_rows(p.table.features), {1, 2});
  EXPECT_EQ(&paper.training_high_risk(), &paper.in_sample_high_risk);
  for (std::size_t r = 0; r < fit.in_sample.size(); ++r)
    EXPECT_EQ(fit.in_sample_high_risk[r] == 1, fit.in_sample[r] < fit.model->parts().cut);
}

TEST(SignatureLearner, SameNumbersForEveryNumberOfThreadsAndOtherRowsDoNotMatter) {
  const auto p = planted_table(140, 25, {0.8, -0.8}, 4);
  learn::Rows first(100);
  for (std::size_t r = 0; r < first.size(); ++r) first[r] = r;
  const SignatureLearner learner(quick());
  const auto one = learner.fit(p.table, first, {5, 1}), three = learner.fit(p.table, first, {5, 3}),
             alone = learner.fit(p.table.take(first), all_rows(p.table.take(first).features), {5, 2});
  EXPECT_EQ(one.model->to_json(), three.model->to_json());
  EXPECT_EQ(one.held_out, three.held_out);
  EXPECT_EQ(one.model->to_json(), alone.model->to_json());
  EXPECT_EQ(one.held_out, alone.held_out);
  std::size_t told = 0;
  const auto both = learner.fit_each(p.table, {first, all_rows(p.table.features)}, {5, 2}, [&] { ++told; });
  EXPECT_EQ(both.front().model->to_json(), one.model->to_json());
  EXPECT_EQ(told, 2u);
}

TEST(SignatureLearner, NoiseIsToldByTheHeldOutSignatureAndFlatteredInSample) {
  double held_out = 0, in_sample = 0;
  constexpr int kTables = 10;
  auto s = quick();
  s.nothing_kept = NothingKept::First;
  for (int i = 0; i < kTables; ++i) {
    const auto p = planted_table(80, 100, {}, 100 + static_cast<std::uint64_t>(i));
    const auto fit = SignatureLearner(s).fit(p.table, all_rows(p.table.features), {1, 2});
    held_out += concordance(p.table, negative(fit.held_out)) / kTables;
    in_sample += concordance(p.table, negative(fit.in_sample)) / kTables;
  }
  EXPECT_NEAR(held_out, 0.5, 0.05);
  EXPECT_GT(in_sample, 0.6);
}

TEST(SignatureLearner, ANetThatKeepsNothingGivesAConstantSignatureThatIsNamed) {
  const auto p = planted_table(60, 30, {}, 8);
  auto s = quick();
  s.alpha = {1};
  s.lambda = "100";
  const auto fit = SignatureLearner(s).fit(p.table, all_rows(p.table.features), {1, 1});
  const auto& model = *fit.model;
  EXPECT_TRUE(model.constant());
  EXPECT_TRUE(holds(model.parts().notes, "the signature is constant and says nothing of survival"));
  EXPECT_FALSE(model.parts().survival);
  EXPECT_EQ(std::ranges::count(fit.in_sample_high_risk, 1), 0);
  EXPECT_TRUE(std::isnan(model.survival({0.0}, {12}).at(0).survival.at(0)));
  const auto back = SignatureModel::from_json(Json::parse(model.to_json().dump()));
  EXPECT_EQ(back->signature(p.table.features), std::vector<double>(60, 0.0));
}

TEST(SignatureLearner, ModelsAreReadBackExactly) {
  const auto p = planted_table(100, 15, {1, -1}, 9);
  for (const Target target : {Target::Cox, Target::Time}) {
    const auto fit = SignatureLearner(quick(target)).fit(p.table, all_rows(p.table.features), {1, 2});
    const auto back = SignatureModel::from_json(Json::parse(fit.model->to_json().dump()));
    EXPECT_EQ(back->signature(p.table.features), fit.in_sample);
    EXPECT_EQ(back->to_json().dump(), fit.model->to_json().dump());
    const auto a = fit.model->survival(fit.in_sample, {6, 20, 1000}), b = back->survival(fit.in_sample, {6, 20, 1000});
    for (std::size_t r = 0; r < a.size(); ++r) {
      EXPECT_EQ(a[r].survival, b[r].survival);
      EXPECT_EQ(a[r].low, b[r].low);
    }
    for (const char* part : {"weights", "scale", "features", "specification", "survival", "range"}) {
      Json broken = fit.model->to_json();
      broken[part] = Json::array();
      EXPECT_THROW((void)SignatureModel::from_json(broken), Error) << part;
    }
  }
}

TEST(SignatureLearner, ConstantMissingAndEqualColumnsAreHandledAndTold) {
  auto p = planted_table(100, 12, {1, -1}, 10);
  auto& values = p.table.features.values;
  const double missing = std::numeric_limits<double>::quiet_NaN();
  for (std::size_t r = 0; r < 100; ++r) {
    values(r, 5) = 3;                                                // constant
    values(r, 6) = r < 60 ? missing : 1.0 * static_cast<double>(r);  // mostly missing
    values(r, 7) = values(r, 0);                                     // the same once more
    if (r % 10 == 0) values(r, 1) = missing;
  }
  const auto fit = SignatureLearner(quick()).fit(p.table, all_rows(p.table.features), {1, 2});
  const auto& notes = fit.model->parts().notes;
  EXPECT_TRUE(holds(notes, "1 constant feature left out: f5"));
  EXPECT_TRUE(holds(notes, "missing in more than 50 % of the rows left out: f6"));
  EXPECT_TRUE(holds(notes, "10 missing cells of 1 feature filled"));
  for (const auto& c : fit.model->parts().candidates) EXPECT_TRUE(c.feature != "f5" && c.feature != "f6");
  EXPECT_GT(concordance(p.table, negative(fit.held_out)), 0.65);
}

TEST(SignatureLearner, ExaminationsOfAPatientStayTogether) {
  const auto single = planted_table(60, 15, {1}, 11);
  learn::Rows twice;
  for (std::size_t r = 0; r < 60; ++r) twice.insert(twice.end(), {r, r});
  auto t = single.table.take(twice);
  for (std::size_t r = 0; r < t.rows(); ++r) t.features.ids[r] += r % 2 == 0 ? "a" : "b";
  const auto fit = SignatureLearner(quick()).fit(t, all_rows(t.features), {1, 2});
  for (std::size_t r = 0; r < t.rows(); r += 2) EXPECT_EQ(fit.held_out[r], fit.held_out[r + 1]) << r;
  EXPECT_EQ(fit.model->parts().patients, 60u);
  EXPECT_EQ(fit.model->parts().rows, 120u);
  // Twice the rows are no more patients: the variance is of patients.
  const auto once = SignatureLearner(quick()).fit(single.table, all_rows(single.table.features), {1, 2});
  EXPECT_GT(fit.model->parts().held_out_concordance.se, 0.8 * once.model->parts().held_out_concordance.se);
}

TEST(SignatureLearner, BadInputIsRefused) {
  const auto p = planted_table(60, 8, {1}, 12);
  auto few = p.table;
  std::size_t events = 0;
  for (auto& e : few.outcome.event) e = e && ++events <= 3 ? 1 : 0;
  EXPECT_NE(problem_of(few).find("needs 4 patients with an event, and there are 3"), std::string::npos)
      << problem_of(few);
  auto none = p.table;
  std::ranges::fill(none.outcome.event, 0);
  EXPECT_NE(problem_of(none).find("there are 0"), std::string::npos);
  auto zero = p.table;
  zero.outcome.time[6] = 0;
  EXPECT_EQ(problem_of(zero), "");
  EXPECT_NE(problem_of(zero, quick(Target::Time)).find("a time of survival is 0; row p7"), std::string::npos);
  auto late = p.table;
  late.outcome.entry.assign(60, 0);
  EXPECT_NE(problem_of(late).find("without entry times"), std::string::npos);
  auto not_finite = p.table;
  not_finite.outcome.time[3] = std::numeric_limits<double>::infinity();
  EXPECT_NE(problem_of(not_finite).find("row p4"), std::string::npos);
  auto flat = p.table;
  std::ranges::fill(flat.features.values.values, 2.0);
  EXPECT_NE(problem_of(flat).find("no feature varies"), std::string::npos);
}

TEST(SignatureLearner, ColumnsThatLackOrAreOfAnotherNetworkAreNamed) {
  auto p = planted_table(80, 6, {1.5, -1}, 13);
  const auto network = std::make_shared<const learn::ColumnOrigin>(learn::ColumnOrigin{"abc", {"x"}});
  p.table.features.origins.assign(6, network);
  const auto fit = SignatureLearner(quick()).fit(p.table, all_rows(p.table.features), {1, 1});
  EXPECT_EQ(fit.model->signature(p.table.features), fit.in_sample);
  auto other = p.table.features;
  other.origins.clear();
  EXPECT_THROW((void)fit.model->signature(other), Error);
  try {
    (void)fit.model->signature(p.table.features.select({1, 2, 3, 4, 5}));
    FAIL();
  } catch (const Error& e) {
    EXPECT_NE(e.problem().find("f0"), std::string::npos) << e.problem();
  }
}

TEST(SignatureLearner, PermutedOutcomesStayWhole) {
  const auto p = planted_table(50, 2, {}, 14);
  const auto permuted = with_permuted_outcomes(p.table, 3);
  EXPECT_EQ(permuted.features.values.values, p.table.features.values.values);
  EXPECT_NE(permuted.outcome.time, p.table.outcome.time);
  std::multiset<std::pair<double, char>> before, after;
  for (std::size_t r = 0; r < 50; ++r) {
    before.emplace(p.table.outcome.time[r], p.table.outcome.event[r]);
    after.emplace(permuted.outcome.time[r], permuted.outcome.event[r]);
  }
  EXPECT_EQ(before, after);
}

}  // namespace
