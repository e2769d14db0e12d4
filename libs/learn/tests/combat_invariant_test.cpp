// What ComBat may not depend on: order of rows, names of batches, units of a feature; and that a frozen reference says
// of a new batch what a joint fit says.
#include <gliocast/core/random.hpp>
#include <gliocast/learn/combat.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

using namespace gliocast;
using namespace gliocast::learn;

namespace {

CombatTable drawn(bool keep) {
  Random random(3);
  CombatTable t{{}, stats::Matrix(40, 12), {}, {}, {}};
  for (std::size_t r = 0; r < 40; ++r) t.batch.push_back(r % 5 < 2 ? "Lund" : r % 5 < 4 ? "Bern" : "Oslo");
  if (keep) {
    t.covariate_names = {"age"};
    t.covariates = stats::Matrix(40, 1);
    for (double& v : t.covariates.values) v = random.uniform(20, 80);
  }
  for (std::size_t f = 0; f < 12; ++f)
    for (std::size_t r = 0; r < 40; ++r) {
      const double shift = t.batch[r] == "Bern" ? 1.5 : 0;
      t.values(r, f) =
          random.normal(shift + 0.1 * static_cast<double>(f), shift + 1) + (keep ? t.covariates(r, 0) / 30 : 0);
    }
  return t;
}

CombatTable rows_of(const CombatTable& t, const std::vector<std::size_t>& rows) {
  CombatTable out{t.features,
                  stats::Matrix(rows.size(), t.values.columns),
                  {},
                  t.covariate_names,
                  stats::Matrix(rows.size(), t.covariates.columns)};
  for (std::size_t i = 0; i < rows.size(); ++i) {
    out.batch.push_back(t.batch[rows[i]]);
    for (std::size_t f = 0; f < t.values.columns; ++f) out.values(i, f) = t.values(rows[i], f);
    for (std::size_t c = 0; c < t.covariates.columns; ++c) out.covariates(i, c) = t.covariates(rows[i], c);
  }
  return out;
}

stats::Matrix harmonised(const CombatTable& t, const CombatOptions& o = {}) {
  return apply_combat(fit_combat(t, o), t);
}

void expect_near(const stats::Matrix& a, const stats::Matrix& b, double tolerance) {
  ASSERT_EQ(a.values.size(), b.values.size());
  for (std::size_t i = 0; i < a.values.size(); ++i) EXPECT_NEAR(a.values[i], b.values[i], tolerance);
}

std::vector<std::size_t> rows_where(const CombatTable& t, auto holds) {
  std::vector<std::size_t> rows;
  for (std::size_t r = 0; r < t.values.rows; ++r)
    if (holds(t.batch[r])) rows.push_back(r);
  return rows;
}

}  // namespace

TEST(CombatInvariant, OrderOfRows) {
  const auto t = drawn(true);
  std::vector<std::size_t> turned(40);
  std::iota(turned.rbegin(), turned.rend(), std::size_t{0});
  const auto a = rows_of({t.features, harmonised(t), t.batch, t.covariate_names, t.covariates}, turned).values;
  expect_near(a, harmonised(rows_of(t, turned)), 1e-10);
}

TEST(CombatInvariant, NamesOfBatches) {
  const auto t = drawn(true);
  auto renamed = t;
  for (auto& b : renamed.batch) b = b == "Bern" ? "z" : b == "Lund" ? "a" : "m";
  expect_near(harmonised(t), harmonised(renamed), 1e-10);
  expect_near(harmonised(t, {.reference = "Bern"}), harmonised(renamed, {.reference = "z"}), 1e-10);
}

TEST(CombatInvariant, UnitsOfAFeature) {
  const auto t = drawn(true);
  auto other = t;
  for (double& v : other.values.column(4)) v = 1000 * v + 7;  // mm³ for cm³
  for (double& v : other.covariates.column(0)) v = v * 365.25 - 4000;
  auto expected = harmonised(t);
  for (double& v : expected.column(4)) v = 1000 * v + 7;
  expect_near(harmonised(other), expected, 1e-8);
}

TEST(CombatInvariant, EqualBatchesStayNearlyAsTheyAre) {
  auto t = drawn(false);
  for (std::size_t r = 0; r < 40; ++r) t.batch[r] = r < 20 ? "A" : "B";
  for (std::size_t f = 0; f < 12; ++f)
    for (std::size_t r = 0; r < 20; ++r) t.values(r + 20, f) = t.values(r, f);
  // No shift between them; their common scale is (n − 1)/n of the pooled one, as neuroCombat's divisors are.
  const auto out = harmonised(t, {.empirical_bayes = false});
  for (std::size_t f = 0; f < 12; ++f) {
    const auto column = t.values.column(f);
    const double mean = std::accumulate(column.begin(), column.end(), 0.0) / 40;
    for (std::size_t r = 0; r < 40; ++r)
      EXPECT_NEAR(out(r, f) - mean, (t.values(r, f) - mean) * std::sqrt(19.0 / 20), 1e-10);
  }
}

TEST(CombatInvariant, TheReferenceStaysAndANewBatchIsFittedAsTogether) {
  const auto t = drawn(false);
  const CombatOptions options{.reference = "Lund"};
  const auto together = harmonised(t, options);
  for (const std::size_t r : rows_where(t, [](const auto& b) { return b == "Lund"; }))
    for (std::size_t f = 0; f < 12; ++f) EXPECT_EQ(together(r, f), t.values(r, f));
  const auto frozen = fit_combat(rows_of(t, rows_where(t, [](const auto& b) { return b == "Lund"; })), options);
  expect_near(apply_combat(frozen, t), together, 1e-10);
  // A batch that was fitted before stays what it was, whatever comes with it.
  const auto known = extend_combat(frozen, t);
  const auto few = rows_of(t, {1, 2, 9});
  const auto out = apply_combat(known, few);
  for (std::size_t f = 0; f < 12; ++f) EXPECT_NEAR(out(2, f), together(9, f), 1e-10);
}

TEST(CombatInvariant, WhatIsMissingInOneFeatureLeavesTheOthers) {
  auto t = drawn(true);
  const CombatOptions options{.empirical_bayes = false};
  const auto whole = harmonised(t, options);
  t.values(3, 5) = NAN;
  t.values(8, 5) = INFINITY;
  const auto out = harmonised(t, options);
  for (std::size_t f = 0; f < 12; ++f)
    for (std::size_t r = 0; r < 40 && f != 5; ++r) EXPECT_EQ(out(r, f), whole(r, f));
  EXPECT_TRUE(std::isnan(out(3, 5)));
  EXPECT_TRUE(std::isinf(out(8, 5)));
  // Of the feature itself it is as if the rows were not there.
  std::vector<std::size_t> present(40);
  std::iota(present.begin(), present.end(), std::size_t{0});
  std::erase_if(present, [](std::size_t r) { return r == 3 || r == 8; });
  const auto without = harmonised(rows_of(t, present), options);
  // Covariates are centred on other rows, which the fit does not feel.
  for (std::size_t i = 0; i < present.size(); ++i) EXPECT_NEAR(without(i, 5), out(present[i], 5), 1e-9);
}

TEST(CombatInvariant, CovariatesAreKept) {
  // Shifts of batches leave the slope on age that the fit found.
  const auto t = drawn(true);
  for (const bool together : {true, false}) {
    const CombatOptions options{.empirical_bayes = together, .mean_only = true};
    const auto model = fit_combat(t, options);
    auto again = t;
    again.values = apply_combat(model, t);
    const auto refitted = fit_combat(again, options);
    for (std::size_t f = 0; f < 12; ++f) EXPECT_NEAR(refitted.coefficients(0, f), model.coefficients(0, f), 1e-13);
  }
}

TEST(CombatInvariant, ASmallerToleranceReachesTheFixedPoint) {
  const auto t = drawn(false);
  const auto fixed = harmonised(t, {.tolerance = 1e-13});
  expect_near(harmonised(t, {.tolerance = 1e-10}), fixed, 1e-8);
  expect_near(harmonised(t), fixed, 1e-2);
}
