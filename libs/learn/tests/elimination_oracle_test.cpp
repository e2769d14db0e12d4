// Ridge logistic regression and recursive elimination by it against scikit-learn (tests/reference/learn/forest.json).
#include "forest_reference.hpp"

#include <gliocast/learn/feature_elimination.hpp>
#include <gliocast/learn/ridge_logistic.hpp>

using namespace gliocast;
using namespace gliocast::learn;
using namespace gliocast::learn::test_support;

namespace {

std::vector<double> squared_coefficients(const FeatureTable& table, double cost) {
  auto out = fit_ridge_logistic(table.values, table.classes(), {.cost = cost}).coefficients;
  for (double& v : out) v *= v;
  return out;
}

}  // namespace

TEST(EliminationOracle, RidgeCoefficientsAreScikitLearns) {
  const Json reference = read_reference("forest.json");
  for (const auto& table : reference.at("elimination"))
    for (const auto& expected : table.at("cases")) {
      SCOPED_TRACE(expected.at("call"));
      const auto t = table_of(table, "class");
      const auto fit = fit_ridge_logistic(t.values, t.classes(), {.cost = expected.at("c")});
      EXPECT_TRUE(fit.converged);
      EXPECT_NEAR(fit.intercept, expected.at("intercept"), 1e-6);
      for (std::size_t c = 0; c < t.values.columns; ++c)
        EXPECT_NEAR(fit.coefficients[c], expected.at("coefficients").at(c), 1e-6) << "column " << c;
    }
}

TEST(EliminationOracle, RanksAreScikitLearns) {
  const Json reference = read_reference("forest.json");
  for (const auto& table : reference.at("elimination"))
    for (const auto& expected : table.at("cases")) {
      SCOPED_TRACE(expected.at("call"));
      const auto t = table_of(table, "class");
      const auto importance = [&](const FeatureTable& left) { return squared_coefficients(left, expected.at("c")); };
      EXPECT_EQ(eliminate_features(t, importance, {.keep = 1, .fraction = 1e-6}),
                expected.at("one_by_one").get<std::vector<std::size_t>>());
      const Json& by = expected.at("by_fraction");
      EXPECT_EQ(eliminate_features(t, importance, {.keep = 1, .fraction = by.at("fraction")}),
                by.at("ranking").get<std::vector<std::size_t>>());
    }
}

// tests/reference/learn/elimination_svm.py
TEST(EliminationOracle, RanksByALinearSvmAreScikitLearns) {
  const Json reference = read_reference("elimination_svm.json");
  for (const auto& table : reference.at("tables"))
    for (const auto& expected : table.at("cases")) {
      const auto t = table_of(table, "class");
      const auto rank = expected.at("ranking").get<std::vector<std::size_t>>();
      for (const std::size_t keep : {1U, 2U, 5U, 9U}) {
        const Json options{{"estimator", "linear_svm"}, {"cost", expected.at("cost")}, {"keep", keep}, {"drop", 1e-6}};
        const auto kept = make_step("rfe", options)->fit(t, all_rows(t), {})->apply(t).features;
        std::vector<std::string> theirs;
        for (std::size_t c = 0; c < rank.size(); ++c)
          if (rank[c] <= keep) theirs.push_back(t.features[c]);
        EXPECT_EQ(kept, theirs) << options;
      }
    }
}
