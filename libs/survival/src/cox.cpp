#include <gliocast/survival/cox.hpp>

#include "cox_checks.hpp"
#include "cox_exact.hpp"
#include "cox_likelihood.hpp"
#include "pick.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/stats/distributions.hpp>
#include <gliocast/survival/cox_residuals.hpp>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

namespace gliocast::survival {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

void check(const CoxData& data, const CoxOptions& options) {
  check_outcome(data);
  if (data.x.rows != data.time.size() || data.names.size() != data.x.columns)
    throw Error(ExitCode::InternalFault, "the parts of a Cox model's data differ in length");
  for (std::size_t i = 0; i < data.offset.size(); ++i)
    if (!std::isfinite(data.offset[i])) throw unusable_input("an offset is not finite", "row " + std::to_string(i + 1));
  for (std::size_t c = 0; c < data.x.columns; ++c)
    for (const double v : data.x.column(c))
      if (!std::isfinite(v))
        throw unusable_input("column \"" + data.names[c] + "\" has a value that is not finite (a logarithm of 0?)");
  if (options.ties == Ties::Exact && !data.weights.empty())
    throw Error(ExitCode::WrongUse, "case weights and the exact method for ties do not go together",
                "--weights, --ties exact");
}

/// Newton's method with the steps, halvings and stopping rule of R's coxph.
struct NewtonResult {
  Eigen::VectorXd beta;
  LikelihoodPoint at;
  double null_value = 0, score = 0;
  std::size_t iterations = 0;
  bool converged = false;
};
NewtonResult maximise(const std::function<LikelihoodPoint(const Eigen::VectorXd&)>& likelihood, Eigen::Index p,
                      const CoxOptions& options) {
  NewtonResult result;
  result.beta = Eigen::VectorXd::Zero(p);
  result.at = likelihood(result.beta);
  result.null_value = result.at.value;
  Eigen::VectorXd step = ToleranceCholesky(result.at.information).solve(result.at.gradient);
  result.score = result.at.gradient.dot(step);
  double value = result.at.value;
  Eigen::VectorXd next = result.beta + step;
  int halvings = 0;
  for (std::size_t i = 1; i <= options.iterations && p > 0; ++i) {
    result.iterations = i;
    const LikelihoodPoint point = likelihood(next);
    const bool better = point.finite && std::abs(1 - value / point.value) <= options.tolerance;
    if (better || (point.finite && value == 0 && point.value == 0)) {
      result.beta = next;
      result.at = point;
      result.converged = true;
      return result;
    }
    if (!point.finite || point.value < value) {
      ++halvings;
      next = (next + halvings * result.beta) / (halvings + 1.0);
      continue;
    }
    halvings = 0;
    value = point.value;
    result.beta = next;
    result.at = point;
    next = result.beta + ToleranceCholesky(point.information).solve(point.gradient);
  }
  result.converged = p == 0;
  return result;
}

double quadratic(const stats::Matrix& variance, const std::vector<double>& coefficients) {
  std::vector<Eigen::Index> kept;
  for (std::size_t c = 0; c < coefficients.size(); ++c)
    if (!std::isnan(coefficients[c])) kept.push_back(static_cast<Eigen::Index>(c));
  const auto p = static_cast<Eigen::Index>(kept.size());
  Eigen::MatrixXd v(p, p);
  Eigen::VectorXd b(p);
  for (Eigen::Index i = 0; i < p; ++i) {
    b[i] = coefficients[static_cast<std::size_t>(kept[static_cast<std::size_t>(i)])];
    for (Eigen::Index j = 0; j < p; ++j)
      v(i, j) = variance(static_cast<std::size_t>(kept[static_cast<std::size_t>(i)]),
                         static_cast<std::size_t>(kept[static_cast<std::size_t>(j)]));
  }
  return p > 0 ? b.dot(ToleranceCholesky(v).solve(b)) : 0;
}

stats::TestResult test(double statistic, double df) { return {statistic, df, stats::chi_square_upper(statistic, df)}; }

void add_robust_variance(const CoxData& data, CoxFit& fit) {
  const stats::Matrix change = dfbeta_residuals(data, fit);
  std::size_t groups = change.rows;
  if (!data.cluster.empty()) groups = static_cast<std::size_t>(*std::ranges::max_element(data.cluster)) + 1;
  Eigen::MatrixXd sums =
      Eigen::MatrixXd::Zero(static_cast<Eigen::Index>(groups), static_cast<Eigen::Index>(change.columns));
  for (std::size_t c = 0; c < change.columns; ++c)
    for (std::size_t i = 0; i < change.rows; ++i)
      sums(static_cast<Eigen::Index>(data.cluster.empty() ? i : static_cast<std::size_t>(data.cluster[i])),
           static_cast<Eigen::Index>(c)) += change(i, c) * (data.weights.empty() ? 1.0 : data.weights[i]);
  const Eigen::MatrixXd v = sums.transpose() * sums;
  fit.robust_variance = stats::Matrix(change.columns, change.columns);
  std::copy(v.data(), v.data() + v.size(), fit.robust_variance.values.begin());
}

constexpr double kStillMoves =
    3.162278e-5;                // a last step larger than this, relative to the coefficient, as coxph warns
constexpr double kRanAway = 5;  // of a coefficient per unit spread of its column, once its information is lost

void warn(const CoxData& data, const NewtonResult& newton, const Eigen::MatrixXd& inverse,
          const std::vector<char>& aliased, CoxFit& fit) {
  fit.unbounded.assign(aliased.size(), 0);
  for (std::size_t c = 0; c < aliased.size(); ++c)
    if (aliased[c]) {
      if (std::abs(newton.beta[static_cast<Eigen::Index>(c)]) > kRanAway) {
        fit.unbounded[c] = 1;
        fit.warnings.push_back(
            "the coefficient of \"" + data.names[c] +
            "\" is infinite (separation: the events of one group all come before, or none occurs): it is not given");
        continue;
      }
      const auto column = data.x.column(c);
      const bool constant = std::ranges::all_of(column, [&](double v) { return v == column[0]; });
      fit.warnings.push_back(
          "\"" + data.names[c] + "\" " +
          (constant ? "is constant"
                    : "follows from the columns before it (collinear) or does not vary among those at risk") +
          ": it has no coefficient");
    }
  const Eigen::VectorXd rest = inverse * newton.at.gradient;
  if (!fit.converged) {
    std::string moving;
    for (std::size_t c = 0; c < aliased.size(); ++c)
      if (const auto i = static_cast<Eigen::Index>(c);
          !aliased[c] && !(std::abs(rest[i]) <= kStillMoves * (1 + std::abs(newton.beta[i])))) {
        moving += (moving.empty() ? "\"" : ", \"") + data.names[c] + "\"";
        fit.unbounded[c] = 1;
      }
    fit.warnings.push_back("the fit did not converge in " + std::to_string(newton.iterations) + " iterations" +
                           (moving.empty() ? "" : ": the coefficient of " + moving + " may be infinite (separation)") +
                           "; do not use its numbers");
    return;
  }
  for (std::size_t c = 0; c < aliased.size(); ++c) {
    const auto i = static_cast<Eigen::Index>(c);
    if (!aliased[c] && std::abs(rest[i]) > kStillMoves * (1 + std::abs(newton.beta[i]))) {
      fit.unbounded[c] = 1;
      fit.warnings.push_back("the coefficient of \"" + data.names[c] +
                             "\" may be infinite (separation: the events of one group all come before, or none "
                             "occurs); its hazard ratio, interval and Wald test mean nothing");
    }
  }
}

/// Rows as the likelihood walks over them, by stratum and descending time: each pass then reads memory in sequence.
std::vector<std::size_t> walking_order(const CoxData& data) {
  std::vector<std::size_t> order(data.time.size());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) {
    if (!data.strata.empty() && data.strata[a] != data.strata[b]) return data.strata[a] < data.strata[b];
    return data.time[a] > data.time[b];
  });
  return order;
}

/// Linear predictors and martingale residuals at these coefficients of scaled columns.
void describe_rows(const CoxData& data, const ScaledColumns& scaled, const Eigen::VectorXd& beta,
                   CoxLikelihood& likelihood, CoxFit& fit) {
  likelihood.evaluate(beta);
  const auto hazard = likelihood.cumulative_hazard();
  fit.linear_predictors.assign(fit.n, 0.0);
  for (std::size_t i = 0; i < fit.n; ++i) {
    if (!data.offset.empty()) fit.linear_predictors[i] = data.offset[i];
    fit.martingale.push_back((data.event[i] ? 1.0 : 0.0) - likelihood.risk()[static_cast<Eigen::Index>(i)] * hazard[i]);
  }
  for (Eigen::Index c = 0; c < beta.size(); ++c)
    for (std::size_t i = 0; i < fit.n; ++i)
      fit.linear_predictors[i] += scaled.x(static_cast<Eigen::Index>(i), c) * beta[c];
}

std::size_t count_events(const CoxData& data) {
  return static_cast<std::size_t>(std::ranges::count_if(data.event, [](char e) { return e != 0; }));
}

CoxFit fit_ordered(const CoxData& data, const CoxOptions& options) {
  const ScaledColumns scaled = scale_columns(data);
  const Eigen::Index p = scaled.x.cols();
  CoxLikelihood likelihood(data, options.ties == Ties::Efron ? Ties::Efron : Ties::Breslow, scaled.x);
  const auto evaluate = [&](const Eigen::VectorXd& beta) -> LikelihoodPoint {
    if (options.ties == Ties::Exact) return exact_partial_likelihood(data, likelihood, scaled.x, beta);
    LikelihoodPoint point;
    point.finite = likelihood.evaluate(beta);
    point.value = likelihood.log_likelihood();
    point.gradient = likelihood.gradient();
    point.information = likelihood.information();
    return point;
  };
  const NewtonResult newton = maximise(evaluate, p, options);
  const ToleranceCholesky factor(newton.at.information);
  const Eigen::MatrixXd inverse = factor.inverse();
  CoxFit fit;
  fit.ties = options.ties;
  fit.n = data.time.size();
  fit.events = count_events(data);
  fit.iterations = newton.iterations;
  fit.converged = newton.converged;
  fit.log_likelihood_null = newton.null_value;
  fit.log_likelihood = newton.at.value;
  fit.means = scaled.means;
  fit.variance = stats::Matrix(static_cast<std::size_t>(p), static_cast<std::size_t>(p));
  double df = 0;
  for (Eigen::Index c = 0; c < p; ++c) {
    const auto i = static_cast<std::size_t>(c);
    fit.iterated.push_back(newton.beta[c] * scaled.scales[i]);
    fit.coefficients.push_back(factor.aliased()[i] ? kNaN : newton.beta[c] * scaled.scales[i]);
    df += !factor.aliased()[i];
    for (Eigen::Index d = 0; d < p; ++d)
      fit.variance(i, static_cast<std::size_t>(d)) =
          inverse(c, d) * scaled.scales[i] * scaled.scales[static_cast<std::size_t>(d)];
  }
  warn(data, newton, inverse, factor.aliased(), fit);
  describe_rows(data, scaled, newton.beta, likelihood, fit);
  fit.likelihood_ratio = test(2 * (fit.log_likelihood - fit.log_likelihood_null), df);
  fit.score = test(newton.score, df);
  // As R: weights that are no counts are sampling weights, for which the inverse information is no variance.
  const bool sampling = std::ranges::any_of(data.weights, [](double w) { return w != std::floor(w); });
  if ((options.robust || sampling || !data.cluster.empty()) && options.ties != Ties::Exact)
    add_robust_variance(data, fit);
  fit.wald = test(quadratic(fit.used_variance(), fit.coefficients), df);
  return fit;
}

}  // namespace

void check_outcome(const CoxData& data) {
  const std::size_t n = data.time.size();
  if (n == 0) throw unusable_input("no row is left to fit a Cox model to");
  if (data.event.size() != n) throw Error(ExitCode::InternalFault, "the parts of a Cox model's data differ in length");
  if (std::ranges::none_of(data.event, [](char e) { return e != 0; }))
    throw unusable_input("there is no event among the " + std::to_string(n) +
                         " rows, so no hazard ratio can be estimated");
  for (std::size_t i = 0; i < n; ++i) {
    if (!std::isfinite(data.time[i])) throw unusable_input("a time is not finite", "row " + std::to_string(i + 1));
    if (!data.entry.empty() && !(data.entry[i] < data.time[i]))
      throw unusable_input("the entry time is not before the event or censoring time", "row " + std::to_string(i + 1));
    if (!data.weights.empty() && !(data.weights[i] > 0 && std::isfinite(data.weights[i])))
      throw unusable_input("a case weight is not positive", "row " + std::to_string(i + 1));
  }
}

CoxData take(const CoxData& data, const std::vector<std::size_t>& rows) {
  CoxData result{pick(data.time, rows),
                 pick(data.event, rows),
                 pick(data.entry, rows),
                 pick(data.weights, rows),
                 pick(data.offset, rows),
                 pick(data.strata, rows),
                 pick(data.cluster, rows),
                 stats::Matrix(rows.size(), data.x.columns),
                 data.names};
  for (std::size_t c = 0; c < data.x.columns; ++c)
    for (std::size_t i = 0; i < rows.size(); ++i) result.x(i, c) = data.x(rows[i], c);
  return result;
}

CoxFit fit_cox(const CoxData& data, const CoxOptions& options) {
  check(data, options);
  const auto order = walking_order(data);
  CoxFit fit = fit_ordered(take(data, order), options);
  for (auto* values : {&fit.linear_predictors, &fit.martingale}) {
    const std::vector<double> walked = *values;
    for (std::size_t i = 0; i < order.size(); ++i) (*values)[order[i]] = walked[i];
  }
  return fit;
}

CoxFit cox_fit_at(const CoxData& data, const std::vector<double>& coefficients, Ties ties) {
  check(data, {.ties = ties});
  const ScaledColumns scaled = scale_columns(data);
  CoxLikelihood likelihood(data, ties, scaled.x);
  CoxFit fit;
  fit.ties = ties;
  fit.n = data.time.size();
  fit.events = count_events(data);
  fit.coefficients = fit.iterated = coefficients;
  fit.means = scaled.means;
  Eigen::VectorXd beta = Eigen::VectorXd::Zero(scaled.x.cols());
  likelihood.evaluate(beta);
  fit.log_likelihood_null = likelihood.log_likelihood();
  for (Eigen::Index c = 0; c < beta.size(); ++c) {
    const auto i = static_cast<std::size_t>(c);
    beta[c] = coefficients[i] / scaled.scales[i];
  }
  describe_rows(data, scaled, beta, likelihood, fit);
  fit.log_likelihood = likelihood.log_likelihood();
  return fit;
}

}  // namespace gliocast::survival
