#include <gliocast/learn/cox_net.hpp>

#include "net_folds.hpp"
#include "net_path.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/survival/partial_likelihood.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <numeric>
#include <set>
#include <string>
#include <utility>

namespace gliocast::learn {
namespace {

using survival::CoxData;
using survival::PartialLikelihood;

constexpr std::size_t kLeastRowsOfDeviance = 10;  // a fold, as cv.glmnet

double weight_of(const CoxData& data, std::size_t row) { return data.weights.empty() ? 1.0 : data.weights[row]; }

class CoxMeans final : public ColumnMeans {
 public:
  CoxMeans(survival::RiskSetMeans means, double weight) : means_(std::move(means)) {
    for (const double c : means_.weights()) factors_.push_back(std::sqrt(c / weight));
  }
  [[nodiscard]] std::size_t size() const override { return means_.size(); }
  void of(const double* column, double centre, double* out) const override {
    means_.of(column, out);
    for (std::size_t g = 0; g < factors_.size(); ++g) out[g] = factors_[g] * (out[g] - centre);
  }

 private:
  survival::RiskSetMeans means_;
  std::vector<double> factors_;
};

/// Minus the log partial likelihood over the sum of the weights. An intercept leaves it as it is; that the family has
/// one all the same centres columns by the cumulative hazards, its curvature: what the second derivative then lacks is
/// how the means of the risk sets differ, and without that the curvature is a bound of it.
class Cox final : public WorkingFamily {
 public:
  Cox(const CoxData& data, survival::Ties ties, double weight) : likelihood_(data, ties), weight_(weight) {}

  double evaluate(const double* eta, double* residuals, double* curvature) const override {
    const double value = likelihood_.value(eta, residuals, curvature);
    for (std::size_t i = 0; i < likelihood_.rows(); ++i) {
      residuals[i] /= weight_;
      curvature[i] /= weight_;
    }
    return -value / weight_;
  }
  [[nodiscard]] std::unique_ptr<ColumnMeans> means(const double* eta) const override {
    return std::make_unique<CoxMeans>(likelihood_.means(eta), weight_);
  }
  [[nodiscard]] double first_intercept() const override { return 0; }
  [[nodiscard]] double least_loss() const override { return -likelihood_.saturated() / weight_; }

 private:
  PartialLikelihood likelihood_;
  double weight_;
};

void check(const CoxData& data, const ElasticNetOptions& options) {
  check_path_options(options, data.time.size(), data.x.columns);
  if (data.x.rows != data.time.size() || data.names.size() != data.x.columns)
    throw Error(ExitCode::InternalFault, "the parts of a Cox model's data differ in length");
  for (std::size_t i = 0; i < data.offset.size(); ++i)
    if (!std::isfinite(data.offset[i])) throw unusable_input("an offset is not finite", "row " + std::to_string(i + 1));
}

/// The deviance of these rows at the coefficients of each fit.
std::vector<double> deviances(const CoxData& data, survival::Ties ties, const std::vector<ElasticNetFit>& fits) {
  const PartialLikelihood likelihood(data, ties);
  std::vector<double> result;
  for (const auto& fit : fits) {
    auto eta = fit.linear_predictor(data.x);
    for (std::size_t i = 0; i < data.offset.size(); ++i) eta[i] += data.offset[i];
    result.push_back(2 * (likelihood.saturated() - likelihood.value(eta.data())));
  }
  return result;
}

/// Without events in two folds, one of them fits without an event, or the mean has no error.
void require_events_in_folds(const CoxData& data, const std::vector<std::size_t>& fold) {
  std::set<std::size_t> with;
  for (std::size_t i = 0; i < fold.size(); ++i)
    if (data.event[i]) with.insert(fold[i]);
  const auto events = std::ranges::count_if(data.event, [](char e) { return e != 0; });
  if (with.size() < 2)
    throw unusable_input(
        "no cross-validation with " + std::to_string(events) + (events == 1 ? " event" : " events") + " in " +
            std::to_string(with.size()) + " of the folds: the rows outside it have none to fit a model to",
        "", "two patients with an event, in different folds, are the least; or give lambda as a number");
}

}  // namespace

ElasticNetPath fit_cox_net(const CoxData& data, survival::Ties ties, const ElasticNetOptions& options) {
  check(data, options);
  double weight = 0;
  std::vector<double> w;
  for (std::size_t i = 0; i < data.time.size(); ++i) weight += weight_of(data, i);
  const Cox family(data, ties, weight);
  for (std::size_t i = 0; i < data.time.size(); ++i) w.push_back(weight_of(data, i) / weight);
  stats::Rows rows(w.size());
  std::iota(rows.begin(), rows.end(), std::size_t{0});
  const StandardColumns columns = standardise(data.x, rows, w);
  const PenaltyOptions penalty{options.alpha, scaled_factors(options.penalties, data.x.columns), options.tolerance,
                               options.most_sweeps};
  PathSolver solver(columns, family, data.offset, penalty);
  ElasticNetPath path = solve_path(solver, columns, ElasticNetFamily::Cox, {}, options);
  path.null_deviance = 2 * (solver.null_loss() - family.least_loss()) * weight;
  return path;
}

ElasticNetPath fit_cox_net_to(const CoxData& data, survival::Ties ties, const ElasticNetOptions& options,
                              double lambda) {
  ElasticNetOptions down = options;
  down.lambda.clear();
  const auto path = fit_cox_net(data, ties, down);
  for (const double v : path.lambda())
    if (v > lambda) down.lambda.push_back(v);
  down.lambda.push_back(lambda);
  return fit_cox_net(data, ties, down);
}

std::vector<double> adaptive_factors(const CoxData& data, survival::Ties ties, const ElasticNetOptions& options,
                                     double lambda, double power) {
  const auto path = fit_cox_net_to(data, ties, options, lambda);
  require_of_net(path.converged, "the first fit of adaptive factors did not converge");
  std::vector<double> base = options.penalties, factors;
  if (base.empty()) base.assign(data.x.columns, 1.0);
  for (const double f : base) factors.push_back(f > 0 ? std::numeric_limits<double>::infinity() : 0.0);
  for (const auto& [column, b] : path.fits.back().coefficients)
    factors[column] = base[column] / std::pow(std::fabs(b) * path.scale[column], power);
  require_of_net(std::ranges::any_of(factors, [](double f) { return std::isfinite(f); }),
                 "the first fit of adaptive factors leaves no column");
  return factors;
}

CrossValidatedNet cross_validate_cox_net(const CoxData& data, const std::vector<std::size_t>& fold, survival::Ties ties,
                                         const ElasticNetOptions& options, NetMeasure measure, std::size_t threads,
                                         const CoxNetFactors& factors) {
  const std::size_t folds = count_folds(fold, data.time.size());
  require_events_in_folds(data, fold);
  const bool grouped = measure == NetMeasure::PartialLikelihood;
  require_of_net(grouped || measure == NetMeasure::Deviance,
                 "a Cox model's λ is chosen by its partial likelihood or deviance");
  require_of_net(grouped || data.time.size() >= kLeastRowsOfDeviance * folds,
                 "folds of fewer than 10 rows have no deviance of their own; take the partial likelihood of all rows");
  CrossValidatedNet net;
  const auto fit = [&](const CoxData& rows, ElasticNetOptions of_rows) {
    if (factors) of_rows.penalties = factors(rows);
    return fit_cox_net(rows, ties, of_rows);
  };
  net.path = fit(data, options);
  net.measure = measure;
  require_of_net(!net.path.fits.empty(), "the path did not converge");
  ElasticNetOptions of_folds = options;
  of_folds.lambda = net.path.lambda();
  const auto evaluate = [&](std::size_t f) -> std::vector<FoldValues> {
    std::vector<std::size_t> kept, held_out;
    for (std::size_t i = 0; i < fold.size(); ++i) (fold[i] == f ? held_out : kept).push_back(i);
    FoldValues values;
    for (const std::size_t i : held_out) values.weight += data.event[i] ? weight_of(data, i) : 0.0;
    if (!(values.weight > 0)) return {};
    const CoxData training = take(data, kept);
    auto fits = fit(training, of_folds).fits;
    require_of_net(!fits.empty(), "a fold did not converge");
    fits.resize(of_folds.lambda.size(), ElasticNetFit(fits.back()));
    values.values = deviances(grouped ? data : take(data, held_out), ties, fits);
    if (grouped) {
      const auto before = deviances(training, ties, fits);
      for (std::size_t m = 0; m < before.size(); ++m) values.values[m] -= before[m];
    }
    for (double& v : values.values) v /= values.weight;
    return {values};
  };
  compare_lambdas(folds, threads, evaluate, net);
  return net;
}

}  // namespace gliocast::learn
