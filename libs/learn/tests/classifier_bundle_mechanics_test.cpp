// A trained classifier written, read, damaged; the probability of a row with its interval and what moved it.
#include "tables.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/files.hpp>
#include <gliocast/learn/classifier_bundle.hpp>

#include <gtest/gtest.h>
#include <messages.hpp>

#include <algorithm>
#include <cmath>
#include <filesystem>

using namespace gliocast;
using namespace gliocast::learn;
using test_support::error_of;
using test_support::has;

namespace {

namespace fs = std::filesystem;

/// A folder of this test, gone at its end.
class Folder {
 public:
  explicit Folder(const std::string& name) : path(fs::temp_directory_path() / ("gliocast-bundle-test-" + name)) {
    fs::remove_all(path);
  }
  ~Folder() { fs::remove_all(path); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  const fs::path path;
};

/// Three of six features that a forest keeps, and an SVM; three refits.
TrainedClassifier trained(const FeatureTable& table) {
  const ChainLearner learner(
      parse_chain("steps: [standardise, {forest: {trees: 20, keep: 3}}]\n"
                  "classifier: {svm: {cost: 2, gamma: 0.1}}\nfolds: 3\n",
                  "test"));
  TrainedClassifier t;
  t.name = "test";
  t.card = {{"what", "a test"}, {"trained_on", "made rows"}, {"limits", "none"}};
  t.label = "grade";
  t.positive = "HGG";
  t.negative = "LGG";
  t.model = learner.fit(table, all_rows(table), {1, 1});
  Random random(5, "refits", 0);
  std::vector<Rows> sets(3);
  for (auto& rows : sets)
    for (std::size_t i = 0; i < table.rows(); ++i) rows.push_back(random.below(table.rows()));
  t.refits = learner.fit_each(table, sets, {1, 1});
  t.background = summarise_rows(t.model->selected_features(table).values, 5, 1);
  t.rows = table.rows();
  t.positives = table.rows() / 2;
  return t;
}

void expect_same_rows(const std::vector<ClassifiedRow>& a, const std::vector<ClassifiedRow>& b) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t r = 0; r < a.size(); ++r) {
    EXPECT_EQ(a[r].probability, b[r].probability);
    EXPECT_EQ(a[r].low, b[r].low);
    EXPECT_EQ(a[r].high, b[r].high);
    EXPECT_EQ(a[r].positive, b[r].positive);
    EXPECT_EQ(a[r].values, b[r].values);
    EXPECT_EQ(a[r].shapley.values, b[r].shapley.values);
  }
}

/// Whether reading the bundle with this JSON, or using it, is refused by Error; nothing else may be thrown.
bool refused(const fs::path& folder, const Json& json, const FeatureTable& table) {
  write_json(folder / "model.json", json);
  try {
    (void)classify_rows(read_classifier_bundle(folder), table, true);
  } catch (const Error&) {
    return true;
  }
  return false;
}

}  // namespace

TEST(ClassifierBundleMechanics, WhatIsReadIsWhatWasWritten) {
  const auto table = random_table(40, 6, 1.5, 1), other = random_table(12, 6, 1.5, 2);
  const auto t = trained(table);
  const Folder folder("written");
  write_classifier(folder.path, t);
  const auto again = read_classifier_bundle(folder.path);
  EXPECT_EQ(again.label, "grade");
  EXPECT_EQ(again.positive, "HGG");
  EXPECT_EQ(again.negative, "LGG");
  EXPECT_EQ(again.rows, 40U);
  EXPECT_EQ(again.refits.size(), 3U);
  EXPECT_FALSE(again.checksum.empty());
  expect_same_rows(classify_rows(t, other, true), classify_rows(again, other, true));
}

TEST(ClassifierBundleMechanics, ARowHasItsIntervalAndWhatMovedIt) {
  const auto table = random_table(40, 6, 1.5, 1);
  const auto t = trained(table);
  const auto p = t.model->probability(table);
  const auto rows = classify_rows(t, table, true);
  for (std::size_t r = 0; r < rows.size(); ++r) {
    const auto& row = rows[r];
    EXPECT_EQ(row.probability, p[r]);
    EXPECT_LE(row.low, row.probability);
    EXPECT_GE(row.high, row.probability);
    EXPECT_EQ(row.positive, p[r] >= t.model->parts().threshold);
    ASSERT_EQ(row.shapley.values.size(), 3U);
    EXPECT_NEAR(std::accumulate(row.shapley.values.begin(), row.shapley.values.end(), row.shapley.base), p[r], 1e-12);
  }
  EXPECT_TRUE(classify_rows(t, table, false)[0].shapley.values.empty());
  // A row's figures do not hang on the rows beside it.
  expect_same_rows({rows[7]}, classify_rows(t, table.take({7}), true));
  EXPECT_TRUE(classify_rows(t, table.take({}), true).empty());
  EXPECT_TRUE(has(error_of([&] { (void)classify_rows(t, table.select({4, 5}), false); }), "f0"));
}

TEST(ClassifierBundleMechanics, DamagedBundlesAreRefused) {
  const auto table = random_table(24, 6, 1.5, 1);
  const Folder folder("damaged");
  write_classifier(folder.path, trained(table));
  const Json json = read_json(folder.path / "model.json");
  EXPECT_FALSE(refused(folder.path, json, table));
  const std::vector<Json> wrong{nullptr, "text", -1, 1e300, 0, 3, 4'000'000'000U, Json::array(), {1, 2}, {{"a", 1}}};
  for (const auto& place : {"/payload/background/points", "/payload/background/features", "/payload/background/values",
                            "/payload/background/weights", "/payload/background", "/payload/model", "/payload/refits",
                            "/payload/model/selected", "/payload/model/features", "/payload/model/steps",
                            "/payload/refits/0/steps/0", "/payload/label", "/payload", "/kind", "/format"})
    for (const auto& value : wrong) {
      Json damaged = json;
      damaged[Json::json_pointer(place)] = value;
      if (damaged == json) continue;
      SCOPED_TRACE(place + value.dump());
      bool was_refused = false;
      EXPECT_NO_THROW(was_refused = refused(folder.path, damaged, table));
      const std::string at = place;
      const bool harmless = (at == "/payload/refits" && value.empty()) || (at == "/payload/label" && value.is_string());
      EXPECT_TRUE(was_refused || harmless);
    }
  for (const auto& [key, value] : json.at("payload").items()) {
    Json damaged = json;
    damaged.at("payload").erase(key);
    EXPECT_TRUE(refused(folder.path, damaged, table)) << key;
  }
}

TEST(ClassifierBundleMechanics, OfManyFeaturesNothingIsEnumerated) {
  const auto table = random_table(60, kMostShapleyFeatures + 2, 1, 3);
  TrainedClassifier t;
  const ChainLearner learner(parse_chain("steps: [standardise]\nclassifier: {logistic: {ridge: 1}}\n", "test"));
  t.model = learner.fit(table, all_rows(table), {1, 1});
  t.background = summarise_rows(t.model->selected_features(table).values, 5, 1);
  const auto rows = classify_rows(t, table, true);
  EXPECT_EQ(rows[0].values.size(), kMostShapleyFeatures + 2);
  EXPECT_TRUE(rows[0].shapley.values.empty());
}

TEST(ClassifierBundleMechanics, AllColumnsThatLackAreCountedAtOnce) {
  const auto table = random_table(60, 8, 0.3, 21);
  const auto t = trained(table);
  const auto needed = needed_columns(t);
  const auto& read = t.model->needed_columns();
  ASSERT_GT(needed.size(), read.size()) << "no refit chose another feature: take another seed";
  const auto told = error_of([&] { (void)classify_rows(t, table.select_named(read), false); });
  EXPECT_TRUE(has(told, "lacks " + std::to_string(needed.size() - read.size()) + " of " +
                            std::to_string(needed.size()) + " columns"))
      << told;
  EXPECT_EQ(classify_rows(t, table.select_named(needed), false).size(), 60U);
}
