// Order of rows, order of columns and exchanged classes change a classifier by no more than its tolerance.
#include "tables.hpp"

#include <gliocast/learn/registry.hpp>

#include <gtest/gtest.h>

#include <algorithm>

using namespace gliocast;
using namespace gliocast::learn;

namespace {

const Json kTightSvm{{"cost", 4}, {"gamma", 0.25}, {"tolerance", 1e-10}};

std::vector<double> decisions(const std::string& name, const FeatureTable& table, const FeatureTable& of) {
  const Json options = name == "svm" ? kTightSvm : Json::object();
  return make_classifier(name, options)->fit(table, all_rows(table), {})->decision(of);
}

void expect_near(const std::vector<double>& a, const std::vector<double>& b, double tolerance) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) EXPECT_NEAR(a[i], b[i], tolerance);
}

}  // namespace

class ClassifierInvariant : public testing::TestWithParam<std::string> {};

TEST_P(ClassifierInvariant, OrderOfRows) {
  const auto table = random_table(70, 4, 0.8, 6);
  auto rows = all_rows(table);
  std::ranges::reverse(rows);
  expect_near(decisions(GetParam(), table.take(rows), table), decisions(GetParam(), table, table), 1e-7);
  const Json options = GetParam() == "svm" ? kTightSvm : Json::object();
  const auto learner = make_classifier(GetParam(), options);
  expect_near(learner->fit(table, rows, {})->probability(table),
              learner->fit(table, all_rows(table), {})->probability(table), 1e-7);
}

TEST_P(ClassifierInvariant, OrderOfColumns) {
  const auto table = random_table(70, 4, 0.8, 6), turned = table.select({2, 0, 3, 1});
  expect_near(decisions(GetParam(), turned, turned), decisions(GetParam(), table, table), 1e-7);
}

TEST_P(ClassifierInvariant, ExchangedClasses) {
  const auto table = random_table(70, 4, 0.8, 6);
  auto other = table;
  for (double& y : other.outcome) y = 1 - y;
  auto negative = decisions(GetParam(), other, table);
  for (double& d : negative) d = -d;
  expect_near(negative, decisions(GetParam(), table, table), 1e-7);
}

INSTANTIATE_TEST_SUITE_P(All, ClassifierInvariant, testing::Values("svm", "logistic"));
