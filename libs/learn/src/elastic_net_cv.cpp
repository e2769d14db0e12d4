#include <gliocast/learn/elastic_net_cv.hpp>

#include "net_folds.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/stats/roc.hpp>

#include <algorithm>
#include <cmath>

namespace gliocast::learn {
namespace {

constexpr std::size_t kLeastRowsOfMean = 3, kLeastRowsOfAuc = 10;  // a fold
constexpr double kLeastProbability = 1e-5;

/// Twice the log-likelihood that is lost.
double binomial_deviance(double y, double eta) {
  const double p = std::clamp(1 / (1 + std::exp(-eta)), kLeastProbability, 1 - kLeastProbability);
  const double best = (y > 0 ? y * std::log(y) : 0) + (y < 1 ? (1 - y) * std::log(1 - y) : 0);
  return 2 * (best - y * std::log(p) - (1 - y) * std::log(1 - p));
}

struct Folds {
  const stats::Matrix& x;
  std::span<const double> y;
  const stats::Rows& rows;
  const std::vector<std::size_t>& fold;
  const ElasticNetOptions& options;  ///< with the λs of all rows
  NetMeasure measure;
  bool grouped;

  [[nodiscard]] std::vector<FoldValues> evaluate(std::size_t f) const;

 private:
  [[nodiscard]] double weight(std::size_t row) const { return options.weights.empty() ? 1 : options.weights[row]; }
  [[nodiscard]] double loss(std::size_t row, double eta) const {
    if (options.family == ElasticNetFamily::Linear) return (y[row] - eta) * (y[row] - eta);
    if (measure == NetMeasure::Deviance) return binomial_deviance(y[row], eta);
    const double error = y[row] - 1 / (1 + std::exp(-eta));
    return 2 * error * error;  // of both classes, as glmnet's
  }
  [[nodiscard]] double auc_of(const stats::Rows& held_out, const std::vector<double>& eta) const {
    std::vector<int> truth;
    for (const std::size_t r : held_out) truth.push_back(y[r] > 0.5 ? 1 : 0);
    return stats::auc(eta, truth);
  }
};

std::vector<FoldValues> Folds::evaluate(std::size_t f) const {
  stats::Rows kept, held_out;
  for (std::size_t i = 0; i < rows.size(); ++i) (fold[i] == f ? held_out : kept).push_back(rows[i]);
  if (held_out.empty()) return {};
  const ElasticNetPath path = fit_elastic_net(x, y, kept, options);
  if (path.fits.empty()) throw unusable_input("elastic net: a fold did not converge");
  std::vector<FoldValues> groups(grouped ? 1 : held_out.size());
  for (std::size_t i = 0; i < held_out.size(); ++i) groups[grouped ? 0 : i].weight += weight(held_out[i]);
  for (std::size_t m = 0; m < options.lambda.size(); ++m) {
    auto eta = path.fits[std::min(m, path.fits.size() - 1)].linear_predictor(x, held_out);
    if (!options.offset.empty())
      for (std::size_t i = 0; i < eta.size(); ++i) eta[i] += options.offset[held_out[i]];
    for (auto& group : groups) group.values.push_back(0);
    if (measure == NetMeasure::Auc)
      groups[0].values[m] = auc_of(held_out, eta);
    else
      for (std::size_t i = 0; i < eta.size(); ++i) {
        FoldValues& group = groups[grouped ? 0 : i];
        group.values[m] += weight(held_out[i]) * loss(held_out[i], eta[i]) / group.weight;
      }
  }
  return groups;
}

}  // namespace

CrossValidatedNet cross_validate_elastic_net(const stats::Matrix& x, std::span<const double> y, const stats::Rows& rows,
                                             const std::vector<std::size_t>& fold, const ElasticNetOptions& options,
                                             NetMeasure measure, std::size_t threads) {
  const std::size_t folds = count_folds(fold, rows.size());
  if (measure == NetMeasure::PartialLikelihood)
    throw unusable_input("elastic net: the partial likelihood is of a Cox model");
  if (measure == NetMeasure::Auc && (options.family == ElasticNetFamily::Linear || !options.weights.empty()))
    throw unusable_input("elastic net: the AUC is of a logistic net without weights");
  CrossValidatedNet net;
  net.path = fit_elastic_net(x, y, rows, options);
  if (net.path.fits.empty()) throw unusable_input("elastic net: the path did not converge");
  net.measure = measure == NetMeasure::Auc && rows.size() < kLeastRowsOfAuc * folds ? NetMeasure::Deviance : measure;
  ElasticNetOptions of_folds = options;
  of_folds.lambda = net.path.lambda();
  const Folds work{x, y, rows, fold, of_folds, net.measure, rows.size() >= kLeastRowsOfMean * folds};
  compare_lambdas(folds, threads, [&](std::size_t f) { return work.evaluate(f); }, net);
  return net;
}

}  // namespace gliocast::learn
