#include <gliocast/learn/elastic_net.hpp>

#include "path_solver.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/interrupt.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace gliocast::learn {
namespace {

// As glmnet.control() of glmnet 4.1.
constexpr double kMostDevianceRatio = 0.999, kLeastChange = 1e-5;
constexpr std::size_t kLeastFits = 5;

void require(bool condition, const char* problem) {
  if (!condition) throw unusable_input(std::string("elastic net: ") + problem);
}

void check(const stats::Matrix& x, std::span<const double> y, const stats::Rows& rows, const ElasticNetOptions& o) {
  require(y.size() == x.rows, "as many outcomes as rows are needed");
  require(rows.size() >= 2 && x.columns >= 1, "two rows and one column are needed");
  require(o.alpha >= 0 && o.alpha <= 1, "alpha must be from 0 to 1");
  require(o.least_ratio >= 0 && o.least_ratio < 1, "the least ratio of λ must be below 1");
  require(o.lambdas >= 1 && o.tolerance > 0, "a path has one λ at least, and a tolerance above 0");
  require(o.weights.empty() || o.weights.size() == x.rows, "as many weights as rows are needed");
  require(o.offset.empty() || o.offset.size() == x.rows, "as many offsets as rows are needed");
  require(o.penalties.empty() || o.penalties.size() == x.columns, "as many penalty factors as columns are needed");
  const auto finite = [](double v) { return std::isfinite(v); };
  const auto not_negative = [](double v) { return v >= 0; };
  require(std::ranges::all_of(o.weights, finite) && std::ranges::all_of(o.weights, not_negative),
          "weights must be finite and not negative");
  require(std::ranges::all_of(o.offset, finite), "offsets must be finite");
  require(std::ranges::all_of(o.penalties, not_negative), "penalty factors must not be negative");
  require(std::ranges::all_of(o.lambda, finite) && std::ranges::all_of(o.lambda, not_negative) &&
              std::ranges::is_sorted(o.lambda, std::greater{}),
          "λ must be finite, not negative and descending");
  require(std::ranges::all_of(rows, [&](std::size_t r) { return finite(y[r]); }), "an outcome is missing");
  if (o.family == ElasticNetFamily::Logistic)
    require(std::ranges::all_of(rows, [&](std::size_t r) { return y[r] >= 0 && y[r] <= 1; }),
            "classes must be 0, 1 or a share between");
}

std::vector<double> items(std::span<const double> all, const stats::Rows& rows) {
  std::vector<double> out;
  out.reserve(rows.size());
  for (const std::size_t r : rows) out.push_back(all[r]);
  return out;
}

/// Factors with a mean of 1; those that leave a column out count as 1.
std::vector<double> scaled_factors(const std::vector<double>& factors, std::size_t columns) {
  if (factors.empty()) return std::vector<double>(columns, 1.0);
  double sum = 0;
  for (const double f : factors) sum += std::isfinite(f) ? f : 1;
  require(sum > 0, "one column must have a penalty");
  std::vector<double> scaled = factors;
  for (double& f : scaled) f *= static_cast<double>(columns) / sum;
  return scaled;
}

/// What is fitted, in the units of the solver: the linear family's y has mean 0 and standard deviation 1.
struct Outcome {
  std::vector<double> y, w, offset;  ///< a row; the weights sum to 1
  double weight = 0;                 ///< their sum as they came
  double mean = 0, scale = 1;        ///< of y

  Outcome(std::span<const double> all, const stats::Rows& rows, const ElasticNetOptions& o)
      : y(items(all, rows)), w(o.weights.empty() ? std::vector<double>(rows.size(), 1.0) : items(o.weights, rows)) {
    weight = std::accumulate(w.begin(), w.end(), 0.0);
    require(weight > 0, "one row must have a weight");
    for (double& v : w) v /= weight;
    if (!o.offset.empty()) offset = items(o.offset, rows);
    mean = std::inner_product(y.begin(), y.end(), w.begin(), 0.0);
    if (o.family == ElasticNetFamily::Logistic)
      require(mean > 0 && std::inner_product(y.begin(), y.end(), w.begin(), 0.0, std::plus{},
                                             [](double v, double by) { return by * (1 - v); }) > 0,
              "both classes are needed");
    else
      standardise_y();
  }

 private:
  void standardise_y() {
    for (std::size_t i = 0; i < offset.size(); ++i) y[i] -= offset[i];
    offset.clear();
    const bool constant = std::ranges::all_of(y, [&](double v) { return v == y[0]; });
    mean = std::inner_product(y.begin(), y.end(), w.begin(), 0.0);
    double square = 0;
    for (std::size_t i = 0; i < y.size(); ++i) square += w[i] * (y[i] - mean) * (y[i] - mean);
    scale = std::sqrt(square);
    require(!constant && scale > 0, "the outcome is the same in all rows");
    for (double& v : y) v = (v - mean) / scale;
  }
};

/// λ of a path of its own: from `largest` down, equal in the logarithm.
std::vector<double> lambda_sequence(double largest, std::size_t n, std::size_t columns, const ElasticNetOptions& o) {
  const double least = o.least_ratio > 0 ? o.least_ratio : (n < columns ? 0.01 : 1e-4);
  std::vector<double> sequence(o.lambdas, largest);
  for (std::size_t m = 1; m < sequence.size(); ++m)
    sequence[m] = largest * std::pow(least, static_cast<double>(m) / static_cast<double>(sequence.size() - 1));
  return sequence;
}

ElasticNetFit fit_of(const PathSolver& solver, const StandardColumns& x, const Outcome& outcome, double lambda,
                     ElasticNetFamily family) {
  ElasticNetFit fit;
  fit.lambda = lambda * outcome.scale;
  fit.deviance_ratio = solver.deviance_ratio();
  fit.intercept = solver.intercept() * outcome.scale + (family == ElasticNetFamily::Linear ? outcome.mean : 0);
  for (std::size_t c = 0; c < x.scale.size(); ++c)
    if (const double b = solver.coefficients()[c]; b != 0) {
      fit.coefficients.emplace_back(c, b * outcome.scale / x.scale[c]);
      fit.intercept -= fit.coefficients.back().second * x.mean[c];
    }
  return fit;
}

/// Whether glmnet ends its path here.
bool ends(const std::vector<ElasticNetFit>& fits, ElasticNetFamily family) {
  if (fits.size() < kLeastFits) return false;
  const double ratio = fits.back().deviance_ratio, change = ratio - fits[fits.size() - 2].deviance_ratio;
  return ratio > kMostDevianceRatio || change < kLeastChange * (family == ElasticNetFamily::Linear ? ratio : 1);
}

}  // namespace

std::vector<double> ElasticNetFit::linear_predictor(const stats::Matrix& x, const stats::Rows& rows) const {
  std::vector<double> eta(rows.size(), intercept);
  for (const auto& [column, coefficient] : coefficients) {
    const auto values = x.column(column);
    for (std::size_t i = 0; i < rows.size(); ++i) eta[i] += coefficient * values[rows[i]];
  }
  return eta;
}

std::vector<double> ElasticNetFit::linear_predictor(const stats::Matrix& x) const {
  stats::Rows rows(x.rows);
  std::iota(rows.begin(), rows.end(), std::size_t{0});
  return linear_predictor(x, rows);
}

std::vector<double> ElasticNetPath::lambda() const {
  std::vector<double> all;
  for (const auto& fit : fits) all.push_back(fit.lambda);
  return all;
}

ElasticNetPath fit_elastic_net(const stats::Matrix& x, std::span<const double> y, const stats::Rows& rows,
                               const ElasticNetOptions& options) {
  check(x, y, rows, options);
  const Outcome outcome(y, rows, options);
  const StandardColumns columns = standardise(x, rows, outcome.w);
  const PenaltyOptions penalty{options.alpha, scaled_factors(options.penalties, x.columns), options.tolerance,
                               options.most_sweeps};
  const auto family = options.family == ElasticNetFamily::Linear ? linear_family(outcome.y, outcome.w)
                                                                 : logistic_family(outcome.y, outcome.w);
  PathSolver solver(columns, *family, outcome.offset, penalty);
  ElasticNetPath path;
  path.family = options.family;
  path.scale = columns.scale;
  path.null_deviance = 2 * solver.null_loss() * outcome.weight * outcome.scale * outcome.scale;
  const double largest = solver.solve_unpenalised();
  const bool own = options.lambda.empty();
  std::vector<double> sequence = own ? lambda_sequence(largest, rows.size(), x.columns, options) : options.lambda;
  if (!own)
    for (double& lambda : sequence) lambda /= outcome.scale;
  for (std::size_t m = 0; m < sequence.size(); ++m) {
    throw_if_interrupted();
    if (!own || m > 0) solver.solve(sequence[m]);
    if (!solver.converged()) {
      path.converged = false;
      break;
    }
    path.fits.push_back(fit_of(solver, columns, outcome, sequence[m], options.family));
    if (solver.perfect() || (own && ends(path.fits, options.family))) break;
  }
  return path;
}

ElasticNetPath fit_elastic_net(const stats::Matrix& x, std::span<const double> y, const ElasticNetOptions& options) {
  stats::Rows rows(x.rows);
  std::iota(rows.begin(), rows.end(), std::size_t{0});
  return fit_elastic_net(x, y, rows, options);
}

}  // namespace gliocast::learn
