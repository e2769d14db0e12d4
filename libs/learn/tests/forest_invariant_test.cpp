// What must not change a forest: the number of threads, the scale of a column, the order of rows.
#include "forest_reference.hpp"

#include <gliocast/core/random.hpp>
#include <gliocast/learn/random_forest.hpp>
#include <gliocast/learn/registry.hpp>

using namespace gliocast;
using namespace gliocast::learn;
using namespace gliocast::learn::test_support;

namespace {

FeatureTable noisy_table(std::size_t rows, std::size_t columns, bool classes) {
  Random random(5);
  FeatureTable t;
  t.values = stats::Matrix(rows, columns);
  for (double& v : t.values.values) v = random.normal();
  for (std::size_t c = 0; c < columns; ++c) t.features.push_back("x" + std::to_string(c + 1));
  for (std::size_t r = 0; r < rows; ++r) {
    t.ids.push_back("p" + std::to_string(r));
    t.patient.push_back(static_cast<int>(r / 2));
    const double y = t.values(r, 0) + 0.5 * random.normal();
    t.outcome.push_back(classes ? (y > 0 ? 1 : 0) : y);
  }
  return t;
}

ForestFit fit(const FeatureTable& t, ForestOptions options, std::size_t threads = 1, std::uint64_t seed = 1) {
  options.permutation = PermutationLoss::Squared;
  return fit_forest(t, all_rows(t), options, {.seed = seed, .threads = threads});
}

}  // namespace

TEST(ForestInvariant, TheNumberOfThreadsChangesNothing) {
  for (const ForestTask task : {ForestTask::Classification, ForestTask::Regression}) {
    const auto t = noisy_table(90, 12, task == ForestTask::Classification);
    const auto one = fit(t, {.task = task, .trees = 23});
    for (const std::size_t threads : {2UL, 3UL}) {
      const auto more = fit(t, {.task = task, .trees = 23}, threads);
      EXPECT_EQ(one.forest.to_json().dump(), more.forest.to_json().dump());
      EXPECT_EQ(one.impurity, more.impurity);
      EXPECT_EQ(one.permutation, more.permutation);
      EXPECT_EQ(one.squared_error, more.squared_error);
    }
    EXPECT_NE(one.forest.to_json().dump(), fit(t, {.task = task, .trees = 23}, 1, 2).forest.to_json().dump());
  }
}

TEST(ForestInvariant, AMonotoneTransformOfAColumnLeavesThePartitions) {
  const auto t = noisy_table(80, 6, true);
  auto bent = t;
  for (double& v : bent.values.column(0)) v = std::exp(3 * v);
  for (double& v : bent.values.column(3)) v = v * v * v;
  const auto a = fit(t, {.trees = 20}), b = fit(bent, {.trees = 20});
  for (std::size_t i = 0; i < a.forest.trees().size(); ++i)
    EXPECT_EQ(a.forest.trees()[i].feature, b.forest.trees()[i].feature);
  EXPECT_EQ(a.impurity, b.impurity);
  // In the bag every row goes the same way; between rows the midpoint lies elsewhere.
  const auto whole = [](const FeatureTable& table) {
    return fit(table, {.trees = 3, .min_node = 5, .sampling = ForestSampling::None}).forest.predict(table);
  };
  EXPECT_EQ(whole(t), whole(bent));
}

TEST(ForestInvariant, TheOrderOfRowsLeavesATree) {
  const auto t = noisy_table(80, 6, true);
  Rows reversed = all_rows(t);
  std::ranges::reverse(reversed);
  const ForestOptions options{.trees = 5, .sampling = ForestSampling::None};
  EXPECT_EQ(fit_forest(t, all_rows(t), options, {}).forest.to_json().dump(),
            fit_forest(t, reversed, options, {}).forest.to_json().dump());
}

TEST(ForestInvariant, RowsOfAPatientAreInOrOutOfBagTogether) {
  auto t = noisy_table(60, 4, true);
  for (std::size_t r = 1; r < t.rows(); r += 2) {  // a patient's second row is the first again
    for (std::size_t c = 0; c < t.values.columns; ++c) t.values(r, c) = t.values(r - 1, c);
    t.outcome[r] = t.outcome[r - 1];
  }
  const auto by_patient = fit(t, {.trees = 100}).out_of_bag;
  for (std::size_t r = 1; r < t.rows(); r += 2) EXPECT_EQ(by_patient[r], by_patient[r - 1]);
  const auto by_row = fit(t, {.trees = 100, .sampling = ForestSampling::Rows});
  EXPECT_LT(by_row.squared_error, 0.6 * fit(t, {.trees = 100}).squared_error);  // a twin in the bag tells the class
}

TEST(ForestInvariant, BoostingRepeats) {
  if (!has_classifier("boosting")) GTEST_SKIP() << "built without boosting";
  const auto t = noisy_table(90, 5, true);
  const auto learner = make_classifier("boosting", {{"trees", 20}, {"subsample", 0.7}});
  const auto one = learner->fit(t, all_rows(t), {}), again = learner->fit(t, all_rows(t), {.seed = 1, .threads = 3});
  EXPECT_EQ(one->to_json().dump(), again->to_json().dump());
  EXPECT_EQ(one->decision(t), again->decision(t));
  EXPECT_NE(one->decision(t), learner->fit(t, all_rows(t), {.seed = 2})->decision(t));
}
