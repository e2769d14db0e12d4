// Support vector machines against scikit-learn and libsvm itself, ridge logistic regression against scikit-learn
// (tests/reference/learn/classifiers.py).
#include "tables.hpp"
#include "test_paths.hpp"

#include <gliocast/core/files.hpp>
#include <gliocast/learn/calibration.hpp>
#include <gliocast/learn/registry.hpp>

#include <gtest/gtest.h>
#include <svm.h>
#include <compared.hpp>

#include <algorithm>
#include <cmath>

using namespace gliocast;
using namespace gliocast::learn;

namespace {

Json tables() { return read_json(GLIOCAST_SOURCE_DIR "/tests/reference/learn/classifiers.json").at("tables"); }

FeatureTable training_of(const Json& json) {
  return table_of(json.at("x").get<std::vector<std::vector<double>>>(), json.at("y").get<std::vector<double>>());
}

/// The largest difference of two lists.
double worst(const std::vector<double>& a, const std::vector<double>& b) {
  EXPECT_EQ(a.size(), b.size());
  double most = 0;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) most = std::max(most, std::abs(a[i] - b[i]));
  return most;
}

/// libsvm's own decision values of the rows that it was trained on, as the model of libsvm has them.
std::vector<double> libsvm_values(const FeatureTable& table, double cost, double gamma) {
  std::vector<std::vector<svm_node>> nodes(table.rows());
  std::vector<svm_node*> rows;
  std::vector<double> y;
  for (std::size_t r = 0; r < table.rows(); ++r) {
    for (std::size_t c = 0; c < table.values.columns; ++c)
      nodes[r].push_back({static_cast<int>(c + 1), table.values(r, c)});
    nodes[r].push_back({-1, 0});
    rows.push_back(nodes[r].data());
    y.push_back(table.outcome[r] == 1 ? 1 : -1);
  }
  svm_parameter p{};
  p.svm_type = C_SVC;
  p.kernel_type = gamma > 0 ? RBF : LINEAR;
  p.gamma = gamma;
  p.C = cost;
  p.eps = 1e-3;
  p.cache_size = 100;
  p.shrinking = 1;
  const svm_problem problem{static_cast<int>(y.size()), y.data(), rows.data()};
  svm_model* model = svm_train(&problem, &p);
  std::vector<double> values(rows.size());
  for (std::size_t r = 0; r < rows.size(); ++r) {
    svm_predict_values(model, rows[r], &values[r]);
    if (model->label[0] != 1) values[r] = -values[r];
  }
  svm_free_and_destroy_model(&model);
  return values;
}

}  // namespace

TEST(ClassifierOracle, SvmDecisionsAreScikitLearns) {
  test_support::Compared compared(1e-8);
  for (const auto& json : tables()) {
    const auto table = training_of(json);
    const auto rows = json.at("new").get<std::vector<std::vector<double>>>();
    const auto fresh = table_of(rows, std::vector<double>(rows.size(), 0));
    for (const auto& c : json.at("svm")) {
      Json options = c.at("options");
      const auto loose = make_classifier("svm", options)->fit(table, all_rows(table), {});
      options["tolerance"] = 1e-10;
      const auto tight = make_classifier("svm", options)->fit(table, all_rows(table), {});
      compared.add_all(tight->decision(fresh), c.at("decision"), options.dump());
      EXPECT_LT(worst(loose->decision(fresh), c.at("decision_of_default_tolerance")), 1e-2) << options;
    }
  }
  compared.print("learn", "decision values of support vector machines", "scikit-learn 1.9 (SVC, tol = 1e-10)");
}

TEST(ClassifierOracle, SvmProbabilitiesAreScikitLearnsInTheSameFolds) {
  constexpr std::size_t kFolds = 5;
  test_support::Compared compared(1e-5);
  const Json found = read_json(GLIOCAST_SOURCE_DIR "/tests/reference/learn/svm_probability.json").at("tables");
  const Json given = tables();
  for (std::size_t t = 0; t < given.size(); ++t) {
    const auto table = training_of(given[t]);
    ASSERT_EQ(folds_by_patient(table, all_rows(table), kFolds, true, 1),
              found[t].at("folds").get<std::vector<std::size_t>>())
        << "put these folds into svm_probability.py and run it";
    const auto rows = given[t].at("new").get<std::vector<std::vector<double>>>();
    const auto fresh = table_of(rows, std::vector<double>(rows.size(), 0));
    for (const auto& c : found[t].at("svm")) {
      Json options = c.at("options");
      options["tolerance"] = 1e-10;
      const auto model = make_classifier("svm", options)->fit(table, all_rows(table), {1, 1});
      compared.add_all(model->probability(fresh), c.at("probability"), options.dump());
    }
  }
  compared.print("learn", "probabilities of support vector machines, in given folds",
                 "scikit-learn 1.9 (CalibratedClassifierCV)");
}

TEST(ClassifierOracle, PlattsSigmoidIsScikitLearns) {
  test_support::Compared compared(1e-5);
  const Json found = read_json(GLIOCAST_SOURCE_DIR "/tests/reference/learn/svm_probability.json");
  for (const auto& c : found.at("sigmoids")) {
    const auto fit = fit_calibration(CalibrationMethod::Platt, c.at("score").get<std::vector<double>>(),
                                     c.at("y").get<std::vector<int>>());
    compared.add(fit.platt.slope, c.at("slope"), "slope");
    compared.add(fit.platt.intercept, c.at("intercept"), "intercept");
  }
  compared.print("learn", "Platt's sigmoid: slope and intercept", "scikit-learn 1.9 (_sigmoid_calibration)");
}

TEST(ClassifierOracle, TheStoredSvmDecidesAsLibsvm) {
  // Either class may be met first.
  auto table = random_table(80, 4, 1, 5);
  for (int turn = 0; turn < 2; ++turn) {
    for (const auto& [cost, gamma] : {std::pair{1.0, 0.25}, {32.0, 0.0625}, {2.0, 0.0}}) {
      Json options{{"cost", cost}, {"kernel", gamma > 0 ? "rbf" : "linear"}};
      if (gamma > 0) options["gamma"] = gamma;
      const auto model = make_classifier("svm", options)->fit(table, all_rows(table), {});
      EXPECT_LT(worst(model->decision(table), libsvm_values(table, cost, gamma)), 1e-12) << options;
      const auto read = read_classifier("svm", Json::parse(model->to_json().dump()));
      EXPECT_EQ(read->decision(table), model->decision(table));
      EXPECT_EQ(read->probability(table), model->probability(table));
    }
    for (double& y : table.outcome) y = 1 - y;
  }
}

TEST(ClassifierOracle, RidgeLogisticIsScikitLearns) {
  test_support::Compared compared(1e-8);
  for (const auto& json : tables()) {
    const auto table = training_of(json);
    for (const auto& r : json.at("logistic")) {
      const auto model =
          make_classifier("logistic", {{"ridge", r.at("ridge")}})->fit(table, all_rows(table), {})->to_json();
      compared.add(model.at("intercept").get<double>(), r.at("intercept"), "intercept");
      compared.add_all(model.at("coefficients"), r.at("coefficients"), r.at("ridge").dump());
    }
  }
  compared.print("learn", "ridge logistic regression: coefficients", "scikit-learn 1.9 (LogisticRegression)");
}
