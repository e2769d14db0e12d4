// Forests, boosting and elimination: models read back bit by bit, damaged ones and unusable tables are refused.
#include "forest_reference.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/random.hpp>
#include <gliocast/learn/random_forest.hpp>
#include <gliocast/learn/registry.hpp>
#include <gliocast/learn/ridge_logistic.hpp>
#include <gliocast/learn/selection.hpp>

using namespace gliocast;
using namespace gliocast::learn;
using namespace gliocast::learn::test_support;

namespace {

FeatureTable separable_table() {
  Random random(3);
  FeatureTable t;
  t.features = {"noise", "constant", "signal", "other"};
  t.values = stats::Matrix(40, 4);
  for (std::size_t r = 0; r < t.rows(); ++r) {
    t.ids.push_back("p" + std::to_string(r));
    t.patient.push_back(static_cast<int>(r));
    t.outcome.push_back(r % 2 == 0 ? 1 : 0);
    t.values(r, 0) = random.normal();
    t.values(r, 1) = 7;
    t.values(r, 2) = t.outcome.back() + random.uniform(0, 0.9);
    t.values(r, 3) = random.normal();
  }
  return t;
}

void expect_unusable(const std::function<void()>& work, const std::string& says) {
  try {
    work();
    ADD_FAILURE() << "no error: " << says;
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), ExitCode::UnusableInput) << e.what();
    EXPECT_NE(std::string(e.what()).find(says), std::string::npos) << e.what();
  }
}

Json small_forest() {
  return Json::parse(R"({"task": "classification", "columns": 2, "trees": [
    {"feature": [0, -1, 1, -1, -1], "value": [0.5, 0.25, -1.5, 0, 1]}, {"feature": [-1], "value": [0.5]}]})");
}

FeatureTable two_columns(double a, double b) {
  FeatureTable t;
  t.features = {"a", "b"};
  t.values = stats::Matrix(1, 2);
  t.values(0, 0) = a;
  t.values(0, 1) = b;
  t.ids = {"p"};
  return t;
}

}  // namespace

TEST(ForestMechanics, ATreeIsWalkedFromTheRoot) {
  const auto forest = RandomForest::from_json(small_forest());
  EXPECT_EQ(forest.predict(two_columns(0.5, 9)), std::vector<double>{(0.25 + 0.5) / 2});
  EXPECT_EQ(forest.predict(two_columns(0.6, -1.5)), std::vector<double>{(0 + 0.5) / 2});
  EXPECT_EQ(forest.predict(two_columns(0.6, -1.4)), std::vector<double>{(1 + 0.5) / 2});
}

TEST(ForestMechanics, ADamagedModelIsRefused) {
  const auto refuses = [](const char* pointer, const Json& value) {
    Json json = small_forest();
    json[Json::json_pointer(pointer)] = value;
    expect_unusable([&] { (void)read_classifier("forest", json); }, "damaged");
  };
  refuses("/task", "clustering");
  refuses("/columns", -1);
  refuses("/columns", 1);
  refuses("/columns", 1e300);
  refuses("/trees", Json::array());
  refuses("/trees", 3);
  refuses("/trees/0/feature", Json::array());
  refuses("/trees/0/feature", {0, -1, 1, -1});
  refuses("/trees/0/feature/0", 2);
  refuses("/trees/0/feature/0", -2);
  refuses("/trees/0/feature/0", 0.0);
  refuses("/trees/0/feature/0", -1);
  refuses("/trees/0/feature/1", 1);
  refuses("/trees/0/feature/4", 1);
  refuses("/trees/0/feature/0", 18446744073709551615U);
  refuses("/trees/0/value/0", nullptr);
  refuses("/trees/0/value/0", "x");
  refuses("/trees/0/value/1", 1.5);
  refuses("/trees/0/value", {1, 2});
  refuses("/trees/1", Json::object());
  expect_unusable([] { (void)read_classifier("forest", Json()); }, "damaged");
  expect_unusable([] { (void)RandomForest::from_json(Json::array({1})); }, "damaged");
}

TEST(ForestMechanics, ARandomlyDamagedModelIsRefusedOrPredicts) {
  const auto t = separable_table();
  Random random(11);
  const Json replacements{-1, 0, 1, 2, 3, 4, 7, 1000, 4294967296, 0.5, 1e300, "3", "0", nullptr, true, Json::array()};
  for (const char* name : {"forest", "boosting"}) {
    if (!has_classifier(name)) continue;
    const Json good = make_classifier(name, {{"trees", 3}})->fit(t, all_rows(t), {})->to_json();
    const Json flat = good.flatten();
    std::size_t refused = 0;
    constexpr std::size_t kRounds = 500;
    for (std::size_t round = 0; round < kRounds; ++round) {
      Json json = good;
      const auto at = std::next(flat.items().begin(), static_cast<std::ptrdiff_t>(random.below(flat.size())));
      json[Json::json_pointer(at.key())] = replacements[random.below(replacements.size())];
      try {
        EXPECT_EQ(read_classifier(name, json)->probability(t).size(), t.rows());
      } catch (const Error& e) {
        EXPECT_EQ(e.code(), ExitCode::UnusableInput) << e.what();
        ++refused;
      }
    }
    EXPECT_GT(refused, kRounds / 3) << name;
    EXPECT_LT(refused, kRounds) << name;
  }
}

TEST(ForestMechanics, AModelReadsBackBitByBit) {
  const auto t = separable_table();
  for (const char* name : {"forest", "boosting"}) {
    if (!has_classifier(name)) continue;
    const auto model = make_classifier(name, {{"trees", 20}})->fit(t, all_rows(t), {});
    const auto text = model->to_json().dump();
    const auto read = read_classifier(name, Json::parse(text));
    EXPECT_EQ(read->to_json().dump(), text);
    EXPECT_EQ(read->decision(t), model->decision(t));
    EXPECT_EQ(read->probability(t), model->probability(t));
    for (std::size_t r = 0; r < t.rows(); ++r) EXPECT_EQ(model->probability(t)[r] > 0.5, t.outcome[r] == 1);
  }
}

TEST(ForestMechanics, MissingValuesAreNamed) {
  auto t = separable_table();
  const auto model = make_classifier("forest", {{"trees", 20}})->fit(t, all_rows(t), {});
  t.values(4, 2) = NAN;
  expect_unusable([&] { (void)make_step("forest", {})->fit(t, all_rows(t), {}); }, "signal");
  expect_unusable([&] { (void)make_step("rfe", {})->fit(t, all_rows(t), {}); }, "signal");
  expect_unusable([&] { (void)model->decision(t); }, "signal");
  t.values(4, 2) = INFINITY;
  expect_unusable([&] { (void)fit_forest(t, all_rows(t), {}, {}); }, "signal");
  Rows without = all_rows(t);
  std::erase(without, 4U);
  EXPECT_NO_THROW((void)fit_forest(t, without, {}, {}));
}

TEST(ForestMechanics, NothingToLearnIsSaid) {
  auto t = separable_table();
  expect_unusable([&] { (void)fit_forest(t, {0, 2, 4}, {}, {}); }, "one class");
  expect_unusable([&] { (void)fit_forest(t, {}, {}, {}); }, "row");
  expect_unusable([&] { (void)fit_forest(t.select({}), all_rows(t), {}, {}); }, "column");
  expect_unusable([&] { (void)fit_ridge_logistic(t.values, std::vector<int>(40, 1)); }, "both classes");
  t.outcome[3] = NAN;
  expect_unusable([&] { (void)fit_forest(t, all_rows(t), {.task = ForestTask::Regression}, {}); }, "outcome");
}

TEST(ForestMechanics, RepeatedRowsAreOutOfBagTogether) {
  const auto t = separable_table();
  Rows twice;
  for (std::size_t r = 0; r < t.rows(); ++r) twice.insert(twice.end(), 3, r);
  const auto fit = fit_forest(t, twice, {.trees = 50}, {});
  for (std::size_t r = 0; r < twice.size(); ++r) EXPECT_EQ(fit.out_of_bag[r], fit.out_of_bag[r - r % 3]);
  EXPECT_LT(fit.misclassified, 0.1);
}

TEST(ForestMechanics, ConstantColumnsGiveOneLeaf) {
  const auto t = separable_table().select({1});
  const auto fit = fit_forest(t, all_rows(t), {.trees = 3, .sampling = ForestSampling::None}, {});
  EXPECT_EQ(fit.forest.trees()[0].value, std::vector<double>{0.5});
  EXPECT_EQ(fit.impurity_share, std::vector<double>{0});
  EXPECT_TRUE(std::isnan(fit.squared_error));
}

TEST(ForestMechanics, SelectionsFindTheSignal) {
  const auto t = separable_table();
  for (const Json& options : {Json{{"keep", 1}}, Json{{"keep", 1}, {"importance", "permutation"}}}) {
    const auto model = make_step("forest", options)->fit(t, all_rows(t), {});
    EXPECT_EQ(model->apply(t).features, std::vector<std::string>{"signal"});
  }
  for (const char* estimator : {"logistic", "forest"}) {
    const auto model = make_step("rfe", {{"keep", 1}, {"estimator", estimator}})->fit(t, all_rows(t), {});
    EXPECT_EQ(model->apply(t).features, std::vector<std::string>{"signal"});
    EXPECT_EQ(read_step("rfe", model->to_json())->apply(t).features, std::vector<std::string>{"signal"});
  }
}

TEST(ForestMechanics, AGridIsEveryPairAndItsOptionsAreNumbers) {
  const Json options{{"mtry", {1, 2}}, {"min_node", {1, 5, 10}}};
  const auto learner = make_classifier("forest", options);
  const auto grid = learner->grid();
  ASSERT_EQ(grid.size(), 6U);
  EXPECT_EQ(grid[4]->options().at("mtry"), 2);
  EXPECT_EQ(grid[4]->options().at("min_node"), 5);
  EXPECT_TRUE(grid[4]->grid().empty());
  EXPECT_EQ(learner->options().at("mtry"), Json::array({1, 2}));
  EXPECT_EQ(make_classifier("forest", learner->options())->grid().size(), 6U);
  expect_unusable([] { (void)make_classifier("forest", {{"mtry", 1.5}}); }, "whole");
  expect_unusable([] { (void)make_classifier("forest", {{"tree", 5}}); }, "tree");
}

TEST(ForestMechanics, DepthAndLeastNodeBoundTrees) {
  const auto t = separable_table().select({0, 3});
  const auto size = [&](const ForestOptions& o) {
    return fit_forest(t, all_rows(t), o, {}).forest.trees()[0].feature.size();
  };
  EXPECT_EQ(size({.trees = 1, .max_depth = 1}), 3U);
  EXPECT_LE(size({.trees = 1, .max_depth = 2}), 7U);
  EXPECT_EQ(size({.trees = 1, .min_node = 40}), 1U);
}

TEST(ForestMechanics, ADamagedModelOfBoostingIsRefused) {
  if (!has_classifier("boosting")) {
    expect_unusable([] { (void)make_classifier("boosting", {}); }, "without boosting");
    GTEST_SKIP() << "built without boosting";
  }
  const auto t = separable_table();
  const Json good = make_classifier("boosting", {{"trees", 2}})->fit(t, all_rows(t), {})->to_json();
  const auto refuses = [&](const std::string& pointer, const Json& value) {
    Json json = good;
    json[Json::json_pointer(pointer)] = value;
    expect_unusable([&] { (void)read_classifier("boosting", json); }, "");
  };
  const std::string model = "/learner/gradient_booster/model", tree = model + "/trees/0";
  refuses("/learner", Json::object());
  refuses("/learner/learner_model_param/num_feature", "3");
  refuses("/learner/learner_model_param/num_feature", 4);
  refuses("/learner/learner_model_param/base_score", "nan");
  refuses("/learner/objective/name", "reg:squarederror");
  refuses(model + "/trees", Json::array());
  refuses(model + "/tree_info/1", 1);
  refuses(tree + "/left_children/0", 0);
  refuses(tree + "/left_children/0", 1000);
  refuses(tree + "/right_children/0", 1);
  refuses(tree + "/split_indices/0", 4);
  refuses(tree + "/split_conditions/0", nullptr);
  refuses(tree + "/split_type/0", 1);
  refuses(tree + "/default_left", Json::array());
  refuses("/version", Json::array());
  expect_unusable([] { (void)read_classifier("boosting", Json()); }, "damaged");
}

TEST(ForestMechanics, BoostingPrintsNothingAndTakesMissingValues) {
  if (!has_classifier("boosting")) GTEST_SKIP() << "built without boosting";
  auto t = separable_table();
  for (std::size_t r = 0; r < t.rows(); r += 5) t.values(r, 2) = NAN;
  ::testing::internal::CaptureStdout();
  ::testing::internal::CaptureStderr();
  const auto model = make_classifier("boosting", {{"trees", 5}})->fit(t, all_rows(t), {});
  (void)model->decision(t);
  EXPECT_THROW((void)read_classifier("boosting", Json::object()), Error);
  EXPECT_EQ(::testing::internal::GetCapturedStdout() + ::testing::internal::GetCapturedStderr(), "");
}
