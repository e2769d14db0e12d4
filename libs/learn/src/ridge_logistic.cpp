#include <gliocast/learn/ridge_logistic.hpp>

#include <gliocast/core/error.hpp>
#include <gliocast/stats/logistic_regression.hpp>

#include <algorithm>
#include <cmath>
#include <Eigen/Core>
#include <Eigen/QR>
#include <utility>

namespace gliocast::learn {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

void check(const stats::Matrix& x, const std::vector<int>& truth, const RidgeLogisticOptions& options) {
  const auto positive = static_cast<std::size_t>(std::ranges::count(truth, 1));
  if (truth.size() != x.rows || positive == 0 || positive == truth.size())
    throw unusable_input("a logistic regression needs a class of each row, and both classes");
  if (!std::ranges::all_of(x.values, [](double v) { return std::isfinite(v); }))
    throw unusable_input("a logistic regression needs finite values");
  if (!(options.cost > 0)) throw Error(ExitCode::WrongUse, "the cost of a logistic regression must be greater than 0");
}

}  // namespace

std::vector<double> RidgeLogistic::log_odds(const stats::Matrix& x) const {
  std::vector<double> out(x.rows, intercept);
  for (std::size_t c = 0; c < coefficients.size(); ++c) {
    const auto column = x.column(c);
    for (std::size_t r = 0; r < x.rows; ++r) out[r] += coefficients[c] * column[r];
  }
  return out;
}

RidgeLogistic fit_ridge_logistic(const stats::Matrix& x, const std::vector<int>& truth,
                                 const RidgeLogisticOptions& options) {
  check(x, truth, options);
  const auto fit_columns = [&](const stats::Matrix& columns) {
    stats::LogisticRegressionOptions o;
    o.penalty.assign(columns.columns, 1 / options.cost);
    return stats::fit_logistic_regression(columns, truth, o);
  };
  if (x.columns <= x.rows) {
    auto fit = fit_columns(x);
    return {fit.intercept, std::move(fit.coefficients), fit.converged};
  }
  // x = L Qᵀ, Q with orthonormal columns: the same penalty on Qᵀ × coefficients.
  const auto n = static_cast<Index>(x.rows), p = static_cast<Index>(x.columns);
  const Eigen::HouseholderQR<MatrixXd> qr(Eigen::Map<const MatrixXd>(x.values.data(), n, p).transpose());
  stats::Matrix lower(x.rows, x.rows);
  Eigen::Map<MatrixXd>(lower.values.data(), n, n) =
      qr.matrixQR().topRows(n).triangularView<Eigen::Upper>().toDenseMatrix().transpose();
  const auto fit = fit_columns(lower);
  VectorXd coefficients = VectorXd::Zero(p);
  coefficients.head(n) = Eigen::Map<const VectorXd>(fit.coefficients.data(), n);
  coefficients = qr.householderQ() * coefficients;
  return {fit.intercept, {coefficients.begin(), coefficients.end()}, fit.converged};
}

}  // namespace gliocast::learn
