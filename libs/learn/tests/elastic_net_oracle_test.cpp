// Elastic nets and their cross-validation beside R glmnet 4.1-6 (tests/reference/learn/elastic_net.R).
#include "test_paths.hpp"

#include <gliocast/core/json.hpp>
#include <gliocast/learn/elastic_net_cv.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <numeric>
#include <string>
#include <vector>

using namespace gliocast;
using namespace gliocast::learn;

namespace {

const Json& reference() {
  static const Json json =
      Json::parse(std::ifstream(std::string(GLIOCAST_SOURCE_DIR) + "/tests/reference/learn/elastic_net.json"));
  return json;
}

stats::Matrix matrix_of(const Json& columns) {
  stats::Matrix x(columns.at(0).size(), columns.size());
  for (std::size_t c = 0; c < x.columns; ++c)
    std::ranges::copy(columns[c].get<std::vector<double>>(), x.column(c).begin());
  return x;
}

ElasticNetOptions options_of(const Json& test, const Json& table) {
  ElasticNetOptions o;
  o.family = test["family"] == "gaussian" ? ElasticNetFamily::Linear : ElasticNetFamily::Logistic;
  o.alpha = test["alpha"].get<double>();
  o.lambda = test["lambda"].get<std::vector<double>>();
  o.penalties = test["penalties"].get<std::vector<double>>();
  o.tolerance = 1e-20;
  o.most_sweeps = 10000000;
  if (test["weighted"].get<bool>()) o.weights = table["weights"].get<std::vector<double>>();
  if (test["shifted"].get<bool>()) o.offset = table["offset"].get<std::vector<double>>();
  return o;
}

/// Returns the largest difference of a coefficient, of columns with standard deviation 1, over the largest one.
double expect_path(const ElasticNetPath& path, const Json& expected, const stats::Matrix& x) {
  double difference = 0;
  const auto lambda = expected["lambda"].get<std::vector<double>>();
  EXPECT_EQ(path.fits.size(), lambda.size());
  if (path.fits.size() != lambda.size()) return 1;
  EXPECT_NEAR(path.null_deviance / expected["null_deviance"].get<double>(), 1, 1e-9);
  for (std::size_t m = 0; m < lambda.size(); ++m) {
    EXPECT_NEAR(path.fits[m].lambda / lambda[m], 1, 1e-9) << m;
    EXPECT_NEAR(path.fits[m].deviance_ratio, expected["deviance_ratio"][m].get<double>(), 1e-8) << m;
  }
  for (std::size_t k = 0; k < expected["at"].size(); ++k) {
    const auto& fit = path.fits[expected["at"][k].get<std::size_t>()];
    std::vector<double> b(x.columns);
    for (const auto& [column, coefficient] : fit.coefficients) b[column] = coefficient;
    double largest = 0, most = 0;  // of columns with standard deviation 1
    for (std::size_t c = 0; c < x.columns; ++c) {
      const double wanted = expected["coefficients"][k][c].get<double>();
      largest = std::max(largest, std::fabs(wanted) * path.scale[c]);
      most = std::max(most, std::fabs(wanted - b[c]) * path.scale[c]);
    }
    EXPECT_LE(most, 1e-6 * std::max(largest, 1e-3)) << "at " << expected["at"][k];
    difference = std::max(difference, most / std::max(largest, 1e-3));
    const double intercept = expected["intercept"][k].get<double>();
    EXPECT_NEAR(fit.intercept, intercept, 1e-6 * std::max(1.0, std::fabs(intercept))) << "at " << expected["at"][k];
  }
  return difference;
}

NetMeasure measure_of(const std::string& name) {
  if (name == "auc") return NetMeasure::Auc;
  return name == "mse" ? NetMeasure::SquaredError : NetMeasure::Deviance;
}

/// Returns the largest relative difference of a mean or an error.
double expect_cross_validation(const CrossValidatedNet& net, const Json& expected) {
  double difference = 0;
  EXPECT_EQ(net.mean.size(), expected["mean"].size());
  if (net.mean.size() != expected["mean"].size()) return 1;
  for (std::size_t m = 0; m < net.mean.size(); ++m) {
    const double mean = net.mean[m] / expected["mean"][m].get<double>();
    const double error = net.error[m] / expected["error"][m].get<double>();
    EXPECT_NEAR(mean, 1, 1e-6) << m;
    EXPECT_NEAR(error, 1, 1e-5) << m;
    difference = std::max({difference, std::fabs(mean - 1), std::fabs(error - 1)});
  }
  EXPECT_NEAR(net.path.fits[net.best].lambda / expected["best"].get<double>(), 1, 1e-9);
  EXPECT_NEAR(net.path.fits[net.within_error].lambda / expected["within_error"].get<double>(), 1, 1e-9);
  return difference;
}

}  // namespace

TEST(ElasticNetOracle, PathsAreGlmnets) {
  double difference = 0;
  std::size_t values = 0;
  for (const auto& test : reference()["cases"]) {
    SCOPED_TRACE(test["name"].get<std::string>() + ": " + test["call"].get<std::string>());
    const Json& table = reference()["tables"][test["table"].get<std::string>()];
    const auto x = matrix_of(table["columns"]);
    const auto y = table[test["family"] == "gaussian" ? "number" : "label"].get<std::vector<double>>();
    difference = std::max(difference, expect_path(fit_elastic_net(x, y, options_of(test, table)), test["expected"], x));
    values += test["expected"]["at"].size() * x.columns;
  }
  std::printf(
      "VALIDATION learn | elastic net, linear and logistic: coefficients along the path | R glmnet 4.1 | %zu "
      "| %.1g\n",
      values, difference);
}

TEST(ElasticNetOracle, CrossValidationIsGlmnets) {
  double difference = 0;
  std::size_t values = 0;
  for (const auto& test : reference()["cases"]) {
    if (!test["expected"].contains("cv")) continue;
    SCOPED_TRACE(test["name"].get<std::string>());
    const Json& table = reference()["tables"][test["table"].get<std::string>()];
    const auto x = matrix_of(table["columns"]);
    const auto y = table[test["family"] == "gaussian" ? "number" : "label"].get<std::vector<double>>();
    auto fold = table["foldid"].get<std::vector<std::size_t>>();
    for (auto& f : fold) --f;
    stats::Rows rows(x.rows);
    std::iota(rows.begin(), rows.end(), std::size_t{0});
    const auto net = cross_validate_elastic_net(x, y, rows, fold, options_of(test, table),
                                                measure_of(test["measure"].get<std::string>()), 2);
    difference = std::max(difference, expect_cross_validation(net, test["expected"]["cv"]));
    values += 2 * net.mean.size();
  }
  std::printf(
      "VALIDATION learn | elastic net, cross-validation: mean and error of each lambda | R glmnet 4.1 "
      "(cv.glmnet) | %zu | %.1g\n",
      values, difference);
}
