// What ComBat refuses, what it leaves as it is, and its step in a chain.
#include "tables.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/learn/combat.hpp>

#include <gtest/gtest.h>

#include <cmath>

using namespace gliocast;
using namespace gliocast::learn;

namespace {

CombatTable small_table() {
  Random random(9);
  CombatTable t{{"a", "b", "c", "d"}, stats::Matrix(24, 4), {}, {}, {}};
  for (std::size_t r = 0; r < 24; ++r) t.batch.push_back(r < 12 ? "A" : "B");
  for (double& v : t.values.values) v = random.normal(5, 2);
  return t;
}

/// The message of the Error{UnusableInput} that `run` throws.
std::string refusal(auto run) {
  try {
    run();
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), ExitCode::UnusableInput);
    return e.problem() + " | " + e.hint();
  }
  ADD_FAILURE() << "nothing was refused";
  return {};
}

bool says(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

FeatureTable feature_table() {
  const auto t = small_table();
  FeatureTable f = table_of_columns(std::vector<std::vector<double>>(4, std::vector<double>(24)));
  f.values = t.values;
  f.centre = t.batch;
  for (std::size_t r = 0; r < 24; ++r) f.outcome.push_back(r % 3 == 0 ? 1 : 0);
  return f;
}

}  // namespace

TEST(CombatMechanics, RefusesWhatCannotBeFitted) {
  auto t = small_table();
  t.batch[3] = "";
  EXPECT_TRUE(says(refusal([&] { (void)fit_combat(t); }), "row 4 has no batch"));
  t = small_table();
  t.batch.assign(24, "A");
  EXPECT_TRUE(says(refusal([&] { (void)fit_combat(t); }), "one batch"));
  EXPECT_NO_THROW((void)fit_combat(t, {.reference = "A"}));
  EXPECT_TRUE(says(refusal([&] { (void)fit_combat(small_table(), {.reference = "Z"}); }), "A, B"));
  t = small_table();
  t.batch[0] = "C";
  EXPECT_TRUE(says(refusal([&] { (void)fit_combat(t, {.reference = "C"}); }), "C has one row"));
  t = small_table();
  t.batch.pop_back();
  EXPECT_TRUE(says(refusal([&] { (void)fit_combat(t); }), "batch of every row"));
  t = small_table();
  for (std::size_t r = 0; r < 24; ++r) t.batch[r] = "b" + std::to_string(r);
  EXPECT_TRUE(says(refusal([&] { (void)fit_combat(t); }), "too few"));
}

TEST(CombatMechanics, CovariatesThatBatchesDetermineAreRefused) {
  auto t = small_table();
  t.covariate_names = {"age", "scanner"};
  t.covariates = stats::Matrix(24, 2);
  for (std::size_t r = 0; r < 24; ++r) {
    t.covariates(r, 0) = static_cast<double>((7 * r) % 13);
    t.covariates(r, 1) = t.batch[r] == "A" ? 1.5 : 3;
  }
  EXPECT_TRUE(says(refusal([&] { (void)fit_combat(t); }), "scanner is determined by the batches"));
  EXPECT_TRUE(says(refusal([&] { (void)fit_combat(t, {.reference = "A"}); }), "scanner is determined by the batches"));
  for (std::size_t r = 0; r < 24; ++r) t.covariates(r, 1) = 2 * t.covariates(r, 0) + 1;
  EXPECT_TRUE(says(refusal([&] { (void)fit_combat(t); }), "scanner is determined"));
  for (std::size_t r = 0; r < 24; ++r) t.covariates(r, 1) = 0.1;
  EXPECT_TRUE(says(refusal([&] { (void)fit_combat(t); }), "scanner is determined"));
  t.covariates(5, 0) = NAN;
  EXPECT_TRUE(says(refusal([&] { (void)fit_combat(t); }), "age is missing in 1 row"));
}

TEST(CombatMechanics, WhatIsConstantIsLeftAndTold) {
  auto t = small_table();
  for (double& v : t.values.column(1)) v = 0.1;
  for (std::size_t r = 0; r < 12; ++r) t.values(r, 2) = 3;    // constant in A
  for (std::size_t r = 0; r < 12; ++r) t.values(r, 3) = NAN;  // never measured in A
  const auto model = fit_combat(t);
  const auto out = apply_combat(model, t);
  for (std::size_t r = 0; r < 24; ++r) EXPECT_EQ(out(r, 1), 0.1);
  for (std::size_t r = 12; r < 24; ++r) EXPECT_EQ(out(r, 3), t.values(r, 3));
  for (std::size_t r = 0; r < 24; ++r) EXPECT_TRUE(std::isfinite(out(r, 2)));
  ASSERT_EQ(model.notes.size(), 2U);
  EXPECT_TRUE(says(model.notes[0], "2 features constant or with too few values left as they are: b, d"));
  EXPECT_TRUE(says(model.notes[1], "1 feature without spread in the batch A"));
}

TEST(CombatMechanics, OneRowIsShiftedOnly) {
  auto t = small_table();
  t.batch[0] = "C";
  const auto model = fit_combat(t);
  ASSERT_EQ(model.notes.size(), 1U);
  EXPECT_TRUE(says(model.notes[0], "the batch C has one row: shifted only"));
  for (const double d : model.batches[2].delta) EXPECT_EQ(d, 1);
  for (const double v : apply_combat(model, t).values) EXPECT_TRUE(std::isfinite(v));
}

TEST(CombatMechanics, EqualSpreadsAndFewFeatures) {
  // Two features that differ by a unit: no variance between features, the priors are points.
  CombatTable t{{}, stats::Matrix(6, 2), {"A", "A", "A", "B", "B", "B"}, {}, {}};
  t.values.values = {1, 2, 4, 7, 9, 8, 10, 20, 40, 70, 90, 80};
  const auto two = apply_combat(fit_combat(t), t);
  for (std::size_t r = 0; r < 6; ++r) {
    EXPECT_TRUE(std::isfinite(two(r, 0)));
    EXPECT_NEAR(two(r, 1), 10 * two(r, 0), 1e-9);
  }
  CombatTable one{{}, stats::Matrix(6, 1), t.batch, {}, {}};
  std::copy_n(t.values.values.begin(), 6, one.values.values.begin());
  const auto model = fit_combat(one);
  EXPECT_EQ(model.notes.size(), 2U);  // both batches: no empirical Bayes
  EXPECT_EQ(apply_combat(model, one).values, apply_combat(fit_combat(one, {.empirical_bayes = false}), one).values);
}

TEST(CombatMechanics, UnknownBatches) {
  const auto t = small_table();
  auto fresh = t;
  for (auto& b : fresh.batch) b = b == "B" ? "Paris" : b;
  EXPECT_TRUE(says(refusal([&] { (void)apply_combat(fit_combat(t), fresh); }), "does not know the batch Paris"));
  const auto model = fit_combat(t, {.reference = "A"});
  EXPECT_EQ(extend_combat(model, fresh).batches.size(), 3U);
  for (std::size_t r = 13; r < 24; ++r) fresh.batch[r] = "A";
  EXPECT_TRUE(says(refusal([&] { (void)apply_combat(model, fresh); }), "Paris has 1 row, fewer than 5"));
}

TEST(CombatMechanics, JsonReadsBackAndDamageIsRefused) {
  auto t = small_table();
  t.covariate_names = {"age"};
  t.covariates = stats::Matrix(24, 1);
  for (std::size_t r = 0; r < 24; ++r) t.covariates(r, 0) = static_cast<double>((5 * r) % 17);
  const auto model = fit_combat(t, {.reference = "B"});
  const Json json = to_json(model);
  const auto back = read_combat(Json::parse(json.dump()));
  EXPECT_EQ(to_json(back), json);
  EXPECT_EQ(apply_combat(back, t).values, apply_combat(model, t).values);
  auto other = t;
  other.covariate_names = {"sex"};
  EXPECT_TRUE(says(refusal([&] { (void)apply_combat(model, other); }), "age"));
  for (const auto& [key, value] : json.items()) {
    Json damaged = json;
    damaged.erase(key);
    EXPECT_THROW((void)read_combat(damaged), Error) << key;
    damaged[key] = nullptr;
    EXPECT_THROW((void)read_combat(damaged), Error) << key;
  }
  Json damaged = json;
  damaged["batches"][0]["delta"][1] = 0;
  EXPECT_THROW((void)read_combat(damaged), Error);
  damaged = json;
  damaged["grand_mean"].push_back(1);
  EXPECT_THROW((void)read_combat(damaged), Error);
  EXPECT_THROW((void)read_combat(Json::array()), Error);
}

TEST(CombatMechanics, TheStepSeesItsRowsAlone) {
  auto t = feature_table();
  t.second_rater = t.values;
  Rows rows;
  for (std::size_t r = 0; r < 24; r += 2) rows.push_back(r);
  const auto step = make_step("combat", Json::object());
  const auto model = step->fit(t, rows, {});
  auto other = t;
  for (std::size_t r = 1; r < 24; r += 2)
    for (std::size_t f = 0; f < 4; ++f) other.values(r, f) = 1e6;
  EXPECT_EQ(step->fit(other, rows, {})->to_json(), model->to_json());
  const auto out = model->apply(t);
  EXPECT_EQ(out.values.values, read_step("combat", model->to_json())->apply(t).values.values);
  EXPECT_EQ(out.second_rater.values, out.values.values);
  t.centre.clear();
  EXPECT_THROW((void)step->fit(t, rows, {}), Error);
}

TEST(CombatMechanics, AKeptOutcomeIsNotLookedAtWhenApplied) {
  const auto t = feature_table();
  const auto model = make_step("combat", {{"keep_outcome", true}})->fit(t, all_rows(t), {});
  auto unknown = t;
  unknown.outcome.clear();
  EXPECT_EQ(model->apply(t).values.values, model->apply(unknown).values.values);
  EXPECT_NE(model->to_json(), make_step("combat", Json::object())->fit(t, all_rows(t), {})->to_json());
  EXPECT_THROW((void)make_step("combat", {{"keep_outcome", true}})->fit(unknown, all_rows(t), {}), Error);
}
