#include "tables.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/learn/folds.hpp>
#include <gliocast/learn/selection_stability.hpp>
#include <gliocast/signature/evaluation.hpp>
#include <gliocast/survival/concordance.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <set>
#include <string>

using namespace gliocast;
using namespace gliocast::signature;

namespace {

SignatureSpecification quick() {
  SignatureSpecification s;
  s.trees = 20;
  s.alpha = {0.5};
  s.folds = 3;
  return s;
}

/// Of the first repeat, pairs within folds.
double concordance_within(const SurvivalTable& t, const SignatureEvaluation& e) {
  std::vector<double> risk;
  std::vector<int> fold;
  for (std::size_t r = 0; r < t.rows(); ++r) {
    risk.push_back(-e.predictions[r].signature);
    fold.push_back(static_cast<int>(e.predictions[r].fold));
  }
  return survival::concordance(t.outcome, risk, {}, fold).value;
}

TEST(SignatureEvaluation, EveryRowIsLeftOutOnceARepeatWithItsWholePatient) {
  const auto single = planted_table(50, 10, {1}, 1);
  learn::Rows twice;
  for (std::size_t r = 0; r < 50; ++r) twice.insert(twice.end(), {r, r});
  const auto t = single.table.take(twice);
  const auto e = evaluate_signature(t, SignatureLearner(quick()), {4, 2, {5, 20}, 1, 2, {}});
  ASSERT_EQ(e.predictions.size(), 2 * t.rows());
  ASSERT_EQ(e.folds.size(), 8u);
  for (std::size_t i = 0; i < e.predictions.size(); ++i) {
    const auto& p = e.predictions[i];
    EXPECT_EQ(p.row, i % t.rows());
    EXPECT_EQ(p.repeat, i / t.rows());
    if (i % 2 == 0) {
      EXPECT_EQ(p.fold, e.predictions[i + 1].fold);
    }
    const auto& fold = e.folds[4 * p.repeat + p.fold];
    EXPECT_EQ(p.high_risk, p.signature < fold.model->parts().cut);
    const auto& [training, test, training_high, test_high] = fold.groups;
    EXPECT_EQ(training.size() + test.size(), t.rows());
    EXPECT_EQ(training_high.size(), training.size());
    const auto at = std::ranges::find(test, p.row);
    ASSERT_NE(at, test.end());
    EXPECT_EQ(test_high[static_cast<std::size_t>(at - test.begin())] != 0, p.high_risk);
    EXPECT_EQ(std::ranges::count(training, p.row), 0);
    ASSERT_EQ(p.survival.survival.size(), 2u);
    EXPECT_GE(p.survival.survival[0], p.survival.survival[1]);
  }
  EXPECT_NE(e.predictions[0].signature, e.predictions[t.rows()].signature);  // folds are dealt anew
}

TEST(SignatureEvaluation, TestRowsHaveNoPartInWhatIsSaidOfThem) {
  auto p = planted_table(60, 8, {1, -1}, 2);
  const SignatureLearner learner(quick());
  const EvaluationOptions o{3, 1, {}, 1, 2, {}};
  const auto before = evaluate_signature(p.table, learner, o);
  // Another survival of the rows of one fold: what is said of them stays, of others changes.
  auto other = p.table;
  for (const std::size_t r : before.folds[0].groups.test) other.outcome.time[r] = 200 + static_cast<double>(r);
  const auto after = evaluate_signature(other, learner, o);
  std::size_t changed = 0;
  for (std::size_t r = 0; r < 60; ++r)
    if (before.predictions[r].fold == 0)
      EXPECT_EQ(before.predictions[r].signature, after.predictions[r].signature);
    else
      changed += before.predictions[r].signature != after.predictions[r].signature ? 1 : 0;
  EXPECT_GT(changed, 30u);
}

TEST(SignatureEvaluation, PlantedSignalIsFoundAndTheLeakIsAbove) {
  const auto p = planted_table(150, 80, {1, -1}, 3);
  auto s = quick();
  s.trees = 60;
  const auto e = evaluate_signature(p.table, SignatureLearner(s), {5, 1, {}, 1, 2, {}});
  const double oracle = survival::concordance(p.table.outcome, p.log_hazard).value;
  EXPECT_GT(concordance_within(p.table, e), oracle - 0.06);
  std::vector<std::vector<std::size_t>> chosen;
  for (const auto& fold : e.folds) {
    chosen.emplace_back();
    for (const auto& f : fold.model->needed_columns()) chosen.back().push_back(std::stoul(f.substr(1)));
    EXPECT_EQ(std::ranges::count(chosen.back(), 0u), 1);
    EXPECT_EQ(std::ranges::count(chosen.back(), 1u), 1);
  }
  EXPECT_GT(learn::selection_stability(chosen, 80).index.value, 0.1);
  const auto noise = planted_table(100, 400, {}, 4);
  const EvaluationOptions o{5, 1, {}, 1, 2, {}};
  const double honest = concordance_within(noise.table, evaluate_signature(noise.table, SignatureLearner(s), o)),
               naive = concordance_within(noise.table, evaluate_with_leak(noise.table, SignatureLearner(s), o));
  EXPECT_GT(naive, 0.6);
  EXPECT_LT(honest, 0.58);
}

// Twenty permutations of the outcomes of a table with a strong signal: the mean is at chance.
TEST(SignatureEvaluation, PermutedOutcomesAreAtChance) {
  const auto p = planted_table(80, 30, {1, -1, 1}, 5);
  constexpr int kPermutations = 20;
  auto s = quick();
  s.nothing_kept = NothingKept::First;  // a constant signature would be at chance by itself
  std::vector<double> c;
  for (int i = 0; i < kPermutations; ++i) {
    const auto permuted = with_permuted_outcomes(p.table, 50 + static_cast<std::uint64_t>(i));
    const EvaluationOptions o{5, 1, {}, static_cast<std::uint64_t>(i), 2, {}};
    c.push_back(concordance_within(permuted, evaluate_signature(permuted, SignatureLearner(s), o)));
  }
  double mean = 0, squares = 0;
  for (const double v : c) mean += v / kPermutations;
  for (const double v : c) squares += (v - mean) * (v - mean);
  const double se = std::sqrt(squares / (kPermutations - 1) / kPermutations);
  EXPECT_LT(std::fabs(mean - 0.5), 2 * se) << mean << " ± " << se;
  EXPECT_LT(se, 0.03);
}

TEST(SignatureEvaluation, NumbersDoNotDependOnThreads) {
  const auto p = planted_table(60, 10, {1}, 6);
  const SignatureLearner learner(quick());
  const auto one = evaluate_signature(p.table, learner, {3, 2, {10}, 9, 1, {}});
  std::size_t told = 0;
  const auto three = evaluate_signature(p.table, learner, {3, 2, {10}, 9, 3, [&] { ++told; }});
  EXPECT_EQ(told, 6u);
  EXPECT_EQ(fits_of(p.table, {3, 2, {10}, 9, 3, {}}), 6u);
  for (std::size_t i = 0; i < one.predictions.size(); ++i) {
    EXPECT_EQ(one.predictions[i].signature, three.predictions[i].signature);
    EXPECT_EQ(one.predictions[i].survival.survival, three.predictions[i].survival.survival);
  }
}

TEST(SignatureEvaluation, PatientsWhoFittedANetworkAreRefused) {
  auto p = planted_table(40, 3, {1}, 7);
  const auto network = std::make_shared<const learn::ColumnOrigin>(learn::ColumnOrigin{"abc", {"p7", "x"}});
  p.table.features.origins = {nullptr, network, nullptr};
  try {
    (void)evaluate_signature(p.table, SignatureLearner(quick()), {3, 1, {}, 1, 1, {}});
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.where(), "column f1");
    EXPECT_NE(e.problem().find("p7"), std::string::npos);
  }
}

TEST(SignatureEvaluation, FewEventsAreToldBeforeAnythingIsFitted) {
  auto p = planted_table(60, 4, {1}, 8);
  std::size_t events = 0;
  for (auto& e : p.table.outcome.event) e = e && ++events <= 6 ? 1 : 0;
  const auto e = evaluate_signature(p.table, SignatureLearner(quick()), {10, 1, {}, 1, 1, {}});
  EXPECT_NE(e.notes.front().find("outer folds are 6 in place of 10"), std::string::npos);
  for (const auto& fold : e.folds) EXPECT_EQ(patients_with_event(p.table, fold.groups.test), 1u);
  events = 0;
  for (auto& event : p.table.outcome.event) event = event && ++events <= 5 ? 1 : 0;
  try {
    (void)evaluate_signature(p.table, SignatureLearner(quick()), {2, 1, {}, 1, 1, {}});
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(error.problem().find("with at most 2 outer folds and at most 3 folds within needs"), std::string::npos);
  }
}

}  // namespace
