#include <gliocast/learn/elastic_net.hpp>

#include "net_path.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace gliocast::learn {
namespace {

void check(const stats::Matrix& x, std::span<const double> y, const stats::Rows& rows, const ElasticNetOptions& o) {
  const auto finite = [](double v) { return std::isfinite(v); };
  require_of_net(o.family != ElasticNetFamily::Cox, "a Cox model is fitted by fit_cox_net()");
  require_of_net(y.size() == x.rows, "as many outcomes as rows are needed");
  check_path_options(o, rows.size(), x.columns);
  require_of_net(o.weights.empty() || o.weights.size() == x.rows, "as many weights as rows are needed");
  require_of_net(o.offset.empty() || o.offset.size() == x.rows, "as many offsets as rows are needed");
  require_of_net(
      std::ranges::all_of(o.weights, finite) && std::ranges::all_of(o.weights, [](double v) { return v >= 0; }),
      "weights must be finite and not negative");
  require_of_net(std::ranges::all_of(o.offset, finite), "offsets must be finite");
  require_of_net(std::ranges::all_of(rows, [&](std::size_t r) { return finite(y[r]); }), "an outcome is missing");
  if (o.family == ElasticNetFamily::Logistic)
    require_of_net(std::ranges::all_of(rows, [&](std::size_t r) { return y[r] >= 0 && y[r] <= 1; }),
                   "classes must be 0, 1 or a share between");
}

std::vector<double> items(std::span<const double> all, const stats::Rows& rows) {
  std::vector<double> out;
  out.reserve(rows.size());
  for (const std::size_t r : rows) out.push_back(all[r]);
  return out;
}

/// What is fitted, in the units of the solver: the linear family's y has mean 0 and standard deviation 1.
struct Outcome {
  std::vector<double> y, w, offset;  ///< a row; the weights sum to 1
  double weight = 0;                 ///< their sum as they came
  double mean = 0, scale = 1;        ///< of y

  Outcome(std::span<const double> all, const stats::Rows& rows, const ElasticNetOptions& o)
      : y(items(all, rows)), w(o.weights.empty() ? std::vector<double>(rows.size(), 1.0) : items(o.weights, rows)) {
    weight = std::accumulate(w.begin(), w.end(), 0.0);
    require_of_net(weight > 0, "one row must have a weight");
    for (double& v : w) v /= weight;
    if (!o.offset.empty()) offset = items(o.offset, rows);
    mean = std::inner_product(y.begin(), y.end(), w.begin(), 0.0);
    if (o.family == ElasticNetFamily::Logistic)
      require_of_net(mean > 0 && std::inner_product(y.begin(), y.end(), w.begin(), 0.0, std::plus{},
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
    require_of_net(!constant && scale > 0, "the outcome is the same in all rows");
    for (double& v : y) v = (v - mean) / scale;
  }
};

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

void drop_rounding(const ElasticNetPath& path, ElasticNetFit& fit) {
  constexpr double kRounding = 1e-12;
  double largest = 0;
  for (const auto& [column, b] : fit.coefficients) largest = std::max(largest, std::fabs(b) * path.scale[column]);
  std::erase_if(fit.coefficients,
                [&](const auto& c) { return std::fabs(c.second) * path.scale[c.first] <= kRounding * largest; });
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
  const OutcomeUnits units{options.family == ElasticNetFamily::Linear ? outcome.mean : 0, outcome.scale};
  ElasticNetPath path = solve_path(solver, columns, options.family, units, options);
  path.null_deviance = 2 * solver.null_loss() * outcome.weight * outcome.scale * outcome.scale;
  return path;
}

ElasticNetPath fit_elastic_net(const stats::Matrix& x, std::span<const double> y, const ElasticNetOptions& options) {
  stats::Rows rows(x.rows);
  std::iota(rows.begin(), rows.end(), std::size_t{0});
  return fit_elastic_net(x, y, rows, options);
}

}  // namespace gliocast::learn
