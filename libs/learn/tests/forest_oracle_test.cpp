// Forests against scikit-learn and ranger (tests/reference/learn): single trees exactly, forests in distribution.
#include "forest_reference.hpp"

#include <gliocast/learn/random_forest.hpp>

#include <functional>

using namespace gliocast;
using namespace gliocast::learn;
using namespace gliocast::learn::test_support;

namespace {

constexpr std::size_t kFits = 100;

const Json& sklearn() {
  static const Json json = read_reference("forest.json");
  return json;
}
const Json& ranger() {
  static const Json json = read_reference("forest_ranger.json");
  return json;
}

std::vector<ForestFit> fits_of(const FeatureTable& table, const ForestOptions& options) {
  std::vector<ForestFit> out;
  for (std::size_t seed = 0; seed < kFits; ++seed)
    out.push_back(fit_forest(table, all_rows(table), options, {.seed = seed, .threads = 0}));
  return out;
}

using Statistic = std::function<std::vector<double>(const ForestFit&)>;
Spread spread(const std::vector<ForestFit>& fits, const Statistic& statistic) {
  std::vector<std::vector<double>> values;
  for (const auto& fit : fits) values.push_back(statistic(fit));
  return spread_of(values);
}
std::vector<double> share(const ForestFit& f) { return f.impurity_share; }
std::vector<double> impurity(const ForestFit& f) { return f.impurity; }
std::vector<double> permutation(const ForestFit& f) { return f.permutation; }
std::vector<double> scaled(const ForestFit& f) { return f.permutation_scaled; }
std::vector<double> squared_error(const ForestFit& f) { return {f.squared_error}; }
std::vector<double> misclassified(const ForestFit& f) { return {f.misclassified}; }

Spread of_sklearn(const Json& json) { return read_spread(json, sklearn().at("seeds")); }
Spread of_ranger(const std::string& call, const char* what) {
  return read_spread(ranger().at(call).at(what), ranger().at("seeds"));
}

void expect_tree(const Json& table, const std::string& outcome, const Json& expected, ForestTask task) {
  const auto t = table_of(table, outcome);
  const ForestOptions options{.task = task,
                              .trees = 1,
                              .mtry = t.values.columns,
                              .min_node = expected.at("min_node"),
                              .max_depth = expected.at("depth"),
                              .sampling = ForestSampling::None};
  const auto fit = fit_forest(t, all_rows(t), options, {});
  const Tree& tree = fit.forest.trees().front();
  EXPECT_EQ(tree.feature, expected.at("feature").get<std::vector<std::int32_t>>());
  const auto value = expected.at("value").get<std::vector<double>>();
  ASSERT_EQ(tree.value.size(), value.size());
  for (std::size_t i = 0; i < value.size(); ++i)
    if (tree.feature[i] >= 0)
      EXPECT_EQ(tree.value[i], value[i]) << "threshold of node " << i;
    else
      EXPECT_NEAR(tree.value[i], value[i], 1e-13) << "leaf " << i;
}

const FeatureTable& continuous(const std::string& outcome) {
  static const Json& json = sklearn().at("tables").at("continuous");
  static const FeatureTable classes = table_of(json, "class"), numbers = table_of(json, "number");
  return outcome == "class" ? classes : numbers;
}

}  // namespace

TEST(ForestOracle, ATreeOnAllColumnsIsScikitLearns) {
  for (const auto& [name, table] : sklearn().at("tables").items()) {
    SCOPED_TRACE(name);
    expect_tree(table, "class", table.at("tree"), ForestTask::Classification);
    expect_tree(table, "number", table.at("tree_of_numbers"), ForestTask::Regression);
  }
}

TEST(ForestOracle, ForestsOfClassesAreDistributedAsScikitLearns) {
  ComparedForests compared;
  for (const auto& [name, table] : sklearn().at("tables").items()) {
    const Json& expected = table.at("forest");
    const auto fits = fits_of(table_of(table, "class"), {});
    const Spread importance = spread(fits, share);
    compared.add(importance, of_sklearn(expected.at("importance")), name + ": importance");
    EXPECT_GT(rank_correlation(importance.mean, of_sklearn(expected.at("importance")).mean), 0.95);
    compared.add(spread(fits, squared_error), of_sklearn(expected.at("squared_error")), name + ": Brier");
    compared.add(spread(fits, misclassified), of_sklearn(expected.at("misclassified")), name + ": wrong");
  }
  compared.print("forests of classes: importance, Brier score and errors out of bag", "scikit-learn 1.9");
}

TEST(ForestOracle, ForestsOfNumbersAreDistributedAsScikitLearns) {
  ComparedForests compared;
  for (const auto& [name, table] : sklearn().at("tables").items()) {
    const Json& expected = table.at("forest_of_numbers");
    const auto fits = fits_of(table_of(table, "number"), {.task = ForestTask::Regression});
    compared.add(spread(fits, share), of_sklearn(expected.at("importance")), name + ": importance");
    compared.add(spread(fits, squared_error), of_sklearn(expected.at("squared_error")), name + ": error");
  }
  compared.print("forests of numbers: importance and squared error out of bag", "scikit-learn 1.9");
}

TEST(ForestOracle, ImportanceOfClassesIsDistributedAsRangers) {
  ComparedForests compared;
  const auto fits = fits_of(continuous("class"), {.permutation = PermutationLoss::Squared});
  const Spread raw = spread(fits, impurity), permuted = spread(fits, permutation);
  compared.add(raw, of_ranger("impurity", "importance"), "impurity");
  compared.add(permuted, of_ranger("permutation", "importance"), "permutation");
  compared.add(spread(fits, scaled), of_ranger("permutation_scaled", "importance"), "scaled");
  compared.add(spread(fits, squared_error), of_ranger("permutation", "error"), "Brier");
  EXPECT_GT(rank_correlation(raw.mean, of_ranger("impurity", "importance").mean), 0.95);
  EXPECT_GT(rank_correlation(permuted.mean, of_ranger("permutation", "importance").mean), 0.95);
  compared.print("forests of classes: impurity, permutation, Brier score", "R ranger");
}

TEST(ForestOracle, LossOfAccuracyIsDistributedAsRangers) {
  const auto fits = fits_of(continuous("class"), {.permutation = PermutationLoss::Misclassified});
  expect_same_distribution(spread(fits, permutation), of_ranger("permutation_misclassified", "importance"), "accuracy");
}

TEST(ForestOracle, ImportanceOfNumbersIsDistributedAsRangers) {
  ComparedForests compared;
  const ForestOptions options{.task = ForestTask::Regression, .permutation = PermutationLoss::Squared};
  const auto fits = fits_of(continuous("number"), options);
  compared.add(spread(fits, impurity), of_ranger("numbers_impurity", "importance"), "impurity");
  compared.add(spread(fits, permutation), of_ranger("numbers_permutation", "importance"), "permutation");
  compared.add(spread(fits, squared_error), of_ranger("numbers_permutation", "error"), "squared error");
  compared.print("forests of numbers: impurity, permutation, squared error", "R ranger");
}
