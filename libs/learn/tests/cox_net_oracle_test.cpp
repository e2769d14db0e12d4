// Penalised Cox models and their cross-validation beside R glmnet 4.1-6, with Efron ties beside their optimum
// (tests/reference/learn/cox_net.R).
#include "test_paths.hpp"

#include <gliocast/core/json.hpp>
#include <gliocast/learn/cox_net.hpp>
#include <gliocast/survival/partial_likelihood.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <limits>
#include <numeric>
#include <string>
#include <vector>

using namespace gliocast;
using namespace gliocast::learn;

namespace {

const Json& reference() {
  static const Json json =
      Json::parse(std::ifstream(std::string(GLIOCAST_SOURCE_DIR) + "/tests/reference/learn/cox_net.json"));
  return json;
}

struct Case {
  survival::CoxData data;
  survival::Ties ties = survival::Ties::Breslow;
  ElasticNetOptions options;
};

Case case_of(const Json& test) {
  const Json& table = reference()["tables"][test["table"].get<std::string>()];
  Case c;
  c.data.time = table["time"].get<std::vector<double>>();
  for (const auto& e : table["event"]) c.data.event.push_back(e.get<int>() != 0);
  c.data.x = stats::Matrix(c.data.time.size(), table["columns"].size());
  for (std::size_t k = 0; k < c.data.x.columns; ++k)
    std::ranges::copy(table["columns"][k].get<std::vector<double>>(), c.data.x.column(k).begin());
  c.data.names.resize(c.data.x.columns);
  for (const auto& use : test["use"]) {
    if (use == "entry") c.data.entry = table["entry"].get<std::vector<double>>();
    if (use == "weights") c.data.weights = table["weights"].get<std::vector<double>>();
    if (use == "offset") c.data.offset = table["offset"].get<std::vector<double>>();
    if (use == "strata") c.data.strata = table["strata"].get<std::vector<int>>();
  }
  c.ties = test["ties"] == "efron" ? survival::Ties::Efron : survival::Ties::Breslow;
  c.options.alpha = test["alpha"].get<double>();
  c.options.tolerance = 1e-20;
  c.options.most_sweeps = 10000000;
  c.options.least_ratio = test["least_ratio"].get<double>();
  c.options.penalties = test["penalties"].get<std::vector<double>>();
  for (double& f : c.options.penalties)
    if (f >= 1e300) f = std::numeric_limits<double>::infinity();
  if (!test["own_path"].get<bool>()) c.options.lambda = test["expected"]["lambda"].get<std::vector<double>>();
  return c;
}

std::vector<double> dense(const ElasticNetFit& fit, std::size_t columns) {
  std::vector<double> b(columns);
  for (const auto& [column, coefficient] : fit.coefficients) b[column] = coefficient;
  return b;
}

/// What is minimised, at coefficients of the columns as they came.
double objective(const Case& c, double lambda, const std::vector<double>& b, const std::vector<double>& scale) {
  ElasticNetFit fit;
  for (std::size_t k = 0; k < b.size(); ++k) fit.coefficients.emplace_back(k, b[k]);
  auto eta = fit.linear_predictor(c.data.x);
  for (std::size_t i = 0; i < c.data.offset.size(); ++i) eta[i] += c.data.offset[i];
  double weight = static_cast<double>(c.data.time.size()), sum = 0, penalty = 0;
  if (!c.data.weights.empty()) weight = std::accumulate(c.data.weights.begin(), c.data.weights.end(), 0.0);
  const auto& f = c.options.penalties;
  for (const double v : f) sum += std::isfinite(v) ? v : 1;
  for (std::size_t k = 0; k < b.size(); ++k) {
    const double standard = b[k] * scale[k], factor = f.empty() ? 1 : f[k] / sum * static_cast<double>(b.size());
    if (standard != 0)
      penalty += factor * ((1 - c.options.alpha) / 2 * standard * standard + c.options.alpha * std::fabs(standard));
  }
  return -survival::PartialLikelihood(c.data, c.ties).value(eta.data()) / weight + lambda * penalty;
}

struct Differences {
  double coefficient = 0, objective = -1;  ///< of columns with standard deviation 1, over the largest; ours above
  std::size_t values = 0;
};

void expect_path(const Case& c, const ElasticNetPath& path, const Json& expected, Differences& worst) {
  const auto lambda = expected["lambda"].get<std::vector<double>>();
  ASSERT_EQ(path.fits.size(), lambda.size());
  for (std::size_t m = 0; m < lambda.size(); ++m) {
    EXPECT_NEAR(path.fits[m].lambda / lambda[m], 1, 1e-7) << m;
    if (expected.contains("deviance_ratio")) {
      EXPECT_NEAR(path.fits[m].deviance_ratio, expected["deviance_ratio"][m].get<double>(), 1e-7) << m;
    }
  }
  for (std::size_t k = 0; k < expected["at"].size(); ++k) {
    const auto m = expected["at"][k].get<std::size_t>();
    const auto b = dense(path.fits[m], c.data.x.columns);
    const auto wanted = expected["coefficients"][k].get<std::vector<double>>();
    double largest = 0, most = 0;
    for (std::size_t j = 0; j < b.size(); ++j) {
      largest = std::max(largest, std::fabs(wanted[j]) * path.scale[j]);
      most = std::max(most, std::fabs(wanted[j] - b[j]) * path.scale[j]);
    }
    EXPECT_LE(most, 1e-5 * std::max(largest, 1e-2)) << "at " << m;
    const double theirs = objective(c, lambda[m], wanted, path.scale);
    const double above = objective(c, lambda[m], b, path.scale) / theirs - 1;
    EXPECT_LE(above, 1e-10) << "at " << m;
    worst.coefficient = std::max(worst.coefficient, most / std::max(largest, 1e-2));
    worst.objective = std::max(worst.objective, above);
    worst.values += b.size();
  }
}

}  // namespace

TEST(CoxNetOracle, PathsAreGlmnetsAndOptima) {
  Differences worst;
  for (const auto& test : reference()["cases"]) {
    SCOPED_TRACE(test["name"].get<std::string>());
    const Case c = case_of(test);
    expect_path(c, fit_cox_net(c.data, c.ties, c.options), test["expected"], worst);
  }
  std::printf(
      "VALIDATION learn | penalised Cox, Breslow and Efron: coefficients along the path | R glmnet 4.1, optimum of "
      "Efron's likelihood | %zu | %.1g\n"
      "VALIDATION learn | penalised Cox: how far the objective is above the reference's | the same | %zu | %.1g\n",
      worst.values, worst.coefficient, worst.values, worst.objective);
}

TEST(CoxNetOracle, AdaptiveFactorsAreThoseOfARidge) {
  for (const auto& test : reference()["adaptive"]) {
    const auto name = test["table"].get<std::string>();
    SCOPED_TRACE(name);
    Case c = case_of({{"table", name},
                      {"use", Json::array()},
                      {"ties", "breslow"},
                      {"alpha", 1},
                      {"least_ratio", 0},
                      {"penalties", Json::array()},
                      {"own_path", true}});
    ElasticNetOptions ridge = c.options;
    ridge.alpha = 0;
    const CoxNetFactors factors = [&](const survival::CoxData& data) {
      return adaptive_factors(data, c.ties, ridge, test["ridge_lambda"], test["power"]);
    };
    const auto ours = factors(c.data);
    for (std::size_t j = 0; j < ours.size(); ++j) EXPECT_NEAR(ours[j] / test["factors"][j].get<double>(), 1, 1e-5) << j;
    c.options.lambda = test["lambda"].get<std::vector<double>>();
    auto fold = reference()["tables"][name]["foldid"].get<std::vector<std::size_t>>();
    for (auto& f : fold) --f;
    const auto net = cross_validate_cox_net(c.data, fold, c.ties, c.options, NetMeasure::PartialLikelihood, 1, factors);
    for (std::size_t m = 0; m < c.options.lambda.size(); ++m) {
      EXPECT_NEAR(net.mean[m] / test["mean"][m].get<double>(), 1, 1e-6) << m;
      const auto b = dense(net.path.fits[m], c.data.x.columns);
      for (std::size_t j = 0; j < b.size(); ++j)
        EXPECT_NEAR(b[j] * net.path.scale[j], test["coefficients"][m][j].get<double>() * net.path.scale[j], 1e-6) << j;
    }
  }
}

TEST(CoxNetOracle, CrossValidationIsGlmnets) {
  double difference = 0;
  std::size_t values = 0;
  for (const auto& test : reference()["cases"]) {
    const auto measure = test["measure"].get<std::string>();
    if (measure.empty()) continue;
    SCOPED_TRACE(test["name"].get<std::string>());
    const Case c = case_of(test);
    auto fold = reference()["tables"][test["table"].get<std::string>()]["foldid"].get<std::vector<std::size_t>>();
    for (auto& f : fold) --f;
    const auto net =
        cross_validate_cox_net(c.data, fold, c.ties, c.options,
                               measure == "deviance" ? NetMeasure::Deviance : NetMeasure::PartialLikelihood, 2);
    const Json& expected = test["expected"]["cv"];
    ASSERT_EQ(net.mean.size(), expected["mean"].size());
    for (std::size_t m = 0; m < net.mean.size(); ++m) {
      const double mean = net.mean[m] / expected["mean"][m].get<double>();
      const double error = net.error[m] / expected["error"][m].get<double>();
      EXPECT_NEAR(mean, 1, 1e-6) << m;
      EXPECT_NEAR(error, 1, 1e-5) << m;
      difference = std::max({difference, std::fabs(mean - 1), std::fabs(error - 1)});
    }
    EXPECT_NEAR(net.path.fits[net.best].lambda / expected["best"].get<double>(), 1, 1e-7);
    EXPECT_NEAR(net.path.fits[net.within_error].lambda / expected["within_error"].get<double>(), 1, 1e-7);
    values += 2 * net.mean.size();
  }
  std::printf(
      "VALIDATION learn | penalised Cox, cross-validated partial likelihood and deviance: mean and error of each "
      "lambda "
      "| R glmnet 4.1 (cv.glmnet) | %zu | %.1g\n",
      values, difference);
}
