// What elastic nets refuse, and their steps and classifier: options, notes, models that read back.
#include <gliocast/core/error.hpp>
#include <gliocast/core/random.hpp>
#include <gliocast/learn/elastic_net_cv.hpp>
#include <gliocast/learn/folds.hpp>
#include <gliocast/learn/registry.hpp>
#include <gliocast/learn/selection.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <numeric>

using namespace gliocast;
using namespace gliocast::learn;

namespace {

/// Two rows a patient; the features a and b have an effect.
FeatureTable table_of(std::size_t rows, std::size_t columns, double effect, std::uint64_t seed) {
  Random random(seed);
  FeatureTable t;
  t.values = stats::Matrix(rows, columns);
  for (std::size_t c = 0; c < columns; ++c) t.features.push_back(std::string(1, static_cast<char>('a' + c)));
  for (double& v : t.values.values) v = random.normal(5, 2);
  for (std::size_t i = 0; i < rows; ++i) {
    t.ids.push_back("row" + std::to_string(i));
    t.patient.push_back(static_cast<int>(i / 2));
    const double risk = effect * (t.values(i, 0) - t.values(i, 1));
    t.outcome.push_back(random.chance(1 / (1 + std::exp(-risk))) ? 1 : 0);
  }
  return t;
}

std::shared_ptr<const Selection> select(const std::string& step, const Json& options, const FeatureTable& t) {
  return std::dynamic_pointer_cast<const Selection>(make_step(step, options)->fit(t, all_rows(t), {}));
}

}  // namespace

TEST(ElasticNetMechanics, WhatMakesNoSenseIsRefused) {
  const auto t = table_of(30, 3, 1, 1);
  const auto refused = [&](const ElasticNetOptions& o) {
    EXPECT_THROW((void)fit_elastic_net(t.values, t.outcome, o), Error);
  };
  refused({.alpha = 1.5});
  refused({.least_ratio = 1});
  refused({.lambda = {0.1, 0.2}});
  refused({.lambda = {NAN}});
  refused({.weights = {1, 2}});
  refused({.weights = std::vector<double>(30, 0.0)});
  refused({.penalties = {1, -1, 1}});
  refused({.penalties = {0, 0, 0}});
  refused({.offset = {1}});
  EXPECT_THROW((void)fit_elastic_net(t.values, std::vector<double>(30, 1.0)), Error);
  EXPECT_THROW((void)fit_elastic_net(t.values, std::vector<double>(30, 2.5), {.family = ElasticNetFamily::Linear}),
               Error);
  auto holed = t;
  holed.values(3, 1) = NAN;
  EXPECT_THROW((void)fit_elastic_net(holed.values, t.outcome), Error);
}

TEST(ElasticNetMechanics, APathThatEndsEarlySaysSo) {
  const auto t = table_of(60, 6, 1, 2);
  const auto path = fit_elastic_net(t.values, t.outcome, {.most_sweeps = 20});
  EXPECT_FALSE(path.converged);
  EXPECT_LT(path.fits.size(), 50U);
}

TEST(ElasticNetMechanics, ConstantColumnsAloneGiveTheMean) {
  auto t = table_of(20, 2, 1, 3);
  std::ranges::fill(t.values.values, 0.1);
  const auto path = fit_elastic_net(t.values, t.outcome);
  ASSERT_FALSE(path.fits.empty());
  EXPECT_TRUE(path.fits.back().coefficients.empty());
  const double mean = std::accumulate(t.outcome.begin(), t.outcome.end(), 0.0) / 20;
  EXPECT_NEAR(path.fits.back().intercept, std::log(mean / (1 - mean)), 1e-12);
  EXPECT_EQ(select("lasso", {}, t)->kept().size(), 1U);
}

TEST(ElasticNetMechanics, FoldsKeepPatientsTogetherAndClassesApart) {
  auto t = table_of(60, 2, 1, 4);
  Rows rows = all_rows(t);
  rows.insert(rows.end(), {3, 3, 10});
  const auto fold = folds_by_patient(t, rows, 5, true, 7);
  std::map<int, std::size_t> of_patient;
  for (std::size_t i = 0; i < rows.size(); ++i)
    EXPECT_EQ(of_patient.emplace(t.patient[rows[i]], fold[i]).first->second, fold[i]);
  EXPECT_EQ(1 + *std::ranges::max_element(fold), 5U);
  EXPECT_THROW((void)folds_by_patient(t, {0, 1}, 5, true, 7), Error);
}

TEST(ElasticNetMechanics, TheLassoKeepsWhatHasAnEffect) {
  const auto t = table_of(200, 8, 1, 5);
  const auto kept = select("lasso", {{"lambda", "1se"}}, t)->kept();
  EXPECT_EQ(kept.front(), 0U);
  EXPECT_EQ(kept.at(1), 1U);
  const auto s = select("lasso", {{"most", 1}}, t);
  EXPECT_EQ(s->kept().size(), 1U);
  EXPECT_LE(s->kept().front(), 1U);
  EXPECT_EQ(s->scores().size(), 8U);
  EXPECT_EQ(read_step("lasso", s->to_json())->apply(t).features, s->apply(t).features);
  EXPECT_EQ(select("elastic_net", {{"alpha", 0.01}, {"lambda", 1e-4}}, t)->kept().size(), 8U);
}

TEST(ElasticNetMechanics, WhereNothingIsUsedTheFirstOfThePathIsKept) {
  const auto t = table_of(200, 8, 1, 6);
  const auto s = select("lasso", {{"lambda", 10}}, t);
  EXPECT_EQ(s->kept().size(), 1U);
  EXPECT_LE(s->kept().front(), 1U);
  EXPECT_EQ(s->notes().size(), 1U);
}

TEST(ElasticNetMechanics, ANumberIsPredictedByTheLinearFamily) {
  auto t = table_of(80, 5, 0, 7);
  for (std::size_t i = 0; i < 80; ++i) t.outcome[i] = 3 * t.values(i, 2) + 0.1 * t.values(i, 4);
  const auto s = select("lasso", {{"family", "linear"}, {"measure", "mse"}}, t);
  EXPECT_EQ(s->scores()[2], *std::ranges::max_element(s->scores()));
  EXPECT_THROW((void)make_step("lasso", {{"family", "linear"}, {"measure", "auc"}}), Error);
  EXPECT_THROW((void)make_step("lasso", {{"lambda", "least"}}), Error);
  EXPECT_THROW((void)make_step("lasso", {{"lambda", -1}}), Error);
  EXPECT_THROW((void)make_step("lasso", {{"lambdaa", 1}}), Error);
}

TEST(ElasticNetMechanics, MissingValuesAreNamed) {
  auto t = table_of(40, 4, 1, 8);
  t.values(7, 2) = NAN;
  for (const bool classifier : {false, true}) try {
      if (classifier)
        (void)make_classifier("elastic_net", {})->fit(t, all_rows(t), {});
      else
        (void)make_step("elastic_net", {})->fit(t, all_rows(t), {});
      FAIL();
    } catch (const Error& e) {
      EXPECT_EQ(e.code(), ExitCode::UnusableInput);
      EXPECT_NE(std::string(e.what()).find("feature c"), std::string::npos);
    }
}

TEST(ElasticNetMechanics, TheClassifierReadsBackBitForBitOnAnyNumberOfThreads) {
  const auto t = table_of(120, 10, 1, 9);
  Rows rows = all_rows(t);
  rows.insert(rows.end(), {0, 1, 1, 5});
  for (const Json& options : {Json::object(), Json{{"lambda", "1se"}, {"measure", "auc"}}, Json{{"lambda", 0.02}}}) {
    const auto learner = make_classifier("elastic_net", options);
    const auto model = learner->fit(t, rows, {.seed = 3, .threads = 1});
    for (const std::size_t threads : {2UL, 3UL})
      EXPECT_EQ(learner->fit(t, rows, {.seed = 3, .threads = threads})->to_json(), model->to_json());
    const auto again = read_classifier("elastic_net", Json::parse(model->to_json().dump()));
    EXPECT_EQ(again->decision(t), model->decision(t));
    EXPECT_EQ(again->probability(t), model->probability(t));
    EXPECT_EQ(make_classifier("elastic_net", learner->options())->options(), learner->options());
  }
  EXPECT_THROW((void)read_classifier("elastic_net", {{"columns", 1}}), Error);
}

TEST(ElasticNetMechanics, WhatRoundingLeavesOfZeroIsTakenOut) {
  ElasticNetPath path;
  path.scale = {1, 100, 1e-3};
  ElasticNetFit fit;
  fit.coefficients = {{0, 1e-17}, {1, 0.5}, {2, -1e-4}};
  drop_rounding(path, fit);
  ASSERT_EQ(fit.coefficients.size(), 2U);
  EXPECT_EQ(fit.coefficients[0].first, 1U);
  EXPECT_EQ(fit.coefficients[1].first, 2U);
}
