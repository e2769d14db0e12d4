#include <gliocast/stats/logistic_regression.hpp>

#include "sigmoid.hpp"

#include <gliocast/core/error.hpp>

#include <algorithm>
#include <cmath>
#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <limits>

namespace gliocast::stats {
namespace {

constexpr int kMostIterations = 60;
constexpr double kSmallStep = 1e-11;      // of a coefficient, on the scale of standardised columns
constexpr double kFarthest = 300;         // of a linear predictor: classes are separated long before
constexpr double kSmallestPivot = 1e-11;  // part of a column's information that those before it do not have

/// The rows as Newton's method sees them: a constant, then columns of mean 0 and standard deviation 1.
struct Problem {
  Eigen::MatrixXd x;
  Eigen::VectorXd y, offset, penalty;
  Eigen::VectorXd mean, scale;
};

Problem standardised(const Matrix& x, const std::vector<int>& truth, const LogisticRegressionOptions& o) {
  const auto n = static_cast<Eigen::Index>(truth.size()), p = static_cast<Eigen::Index>(x.columns);
  Problem d{Eigen::MatrixXd::Ones(n, p + 1), Eigen::VectorXd(n),           Eigen::VectorXd::Zero(n),
            Eigen::VectorXd::Zero(p + 1),    Eigen::VectorXd::Zero(p + 1), Eigen::VectorXd::Ones(p + 1)};
  for (Eigen::Index i = 0; i < n; ++i) d.y[i] = truth[static_cast<std::size_t>(i)];
  if (!o.offset.empty()) d.offset = Eigen::Map<const Eigen::VectorXd>(o.offset.data(), n);
  for (Eigen::Index c = 1; c <= p; ++c) {
    d.x.col(c) = Eigen::Map<const Eigen::VectorXd>(x.column(static_cast<std::size_t>(c - 1)).data(), n);
    d.mean[c] = d.x.col(c).mean();
    d.x.col(c).array() -= d.mean[c];
    const double sd = std::sqrt(d.x.col(c).squaredNorm() / static_cast<double>(n));
    if (sd > 0) d.scale[c] = sd;
    d.x.col(c) /= d.scale[c];
    if (!o.penalty.empty()) d.penalty[c] = o.penalty[static_cast<std::size_t>(c - 1)] / (d.scale[c] * d.scale[c]);
  }
  return d;
}

double objective(const Problem& d, const Eigen::VectorXd& b) {
  const Eigen::VectorXd eta = d.x * b + d.offset;
  double sum = 0.5 * b.dot(d.penalty.cwiseProduct(b));
  for (Eigen::Index i = 0; i < eta.size(); ++i) sum += softplus(eta[i]) - d.y[i] * eta[i];
  return sum;
}

struct Newton {
  Eigen::VectorXd b;
  Eigen::MatrixXd inverse_information;
  bool converged = false;
};

Newton maximise(const Problem& d) {
  Newton fit{Eigen::VectorXd::Zero(d.x.cols()), Eigen::MatrixXd(), false};
  double value = objective(d, fit.b);
  for (int iteration = 0; iteration < kMostIterations; ++iteration) {
    const Eigen::VectorXd eta = d.x * fit.b + d.offset, p = eta.unaryExpr(&sigmoid);
    const Eigen::VectorXd w = p.array() * (1 - p.array());
    Eigen::MatrixXd information = d.x.transpose() * w.asDiagonal() * d.x;
    information.diagonal() += d.penalty;
    const Eigen::LDLT<Eigen::MatrixXd> factor(information);
    const Eigen::VectorXd whole = factor.transpositionsP() * information.diagonal();
    const double least = factor.vectorD().cwiseQuotient(whole).minCoeff();
    if (eta.cwiseAbs().maxCoeff() > kFarthest || !(least > kSmallestPivot)) return fit;
    const Eigen::VectorXd gradient = d.x.transpose() * (d.y - p) - d.penalty.cwiseProduct(fit.b);
    const Eigen::VectorXd step = factor.solve(gradient);
    double length = 1, next = objective(d, fit.b + step);
    // Near the optimum rounding decides, and the step is small: it is taken.
    const bool small = step.cwiseAbs().maxCoeff() < 1e-6 * (1 + fit.b.cwiseAbs().maxCoeff());
    while (!small && length > 1e-6 && !(next <= value)) {
      length /= 2;
      next = objective(d, fit.b + length * step);
    }
    fit.b += length * step;
    value = next;
    if (step.cwiseAbs().maxCoeff() <= kSmallStep * (1 + fit.b.cwiseAbs().maxCoeff())) {
      fit.converged = true;
      fit.inverse_information = factor.solve(Eigen::MatrixXd::Identity(d.x.cols(), d.x.cols()));
      return fit;
    }
  }
  return fit;
}

}  // namespace

LogisticRegression fit_logistic_regression(const Matrix& x, const std::vector<int>& truth,
                                           const LogisticRegressionOptions& options) {
  const auto positives = static_cast<std::size_t>(std::ranges::count(truth, 1));
  if (positives == 0 || positives == truth.size())
    throw unusable_input("a logistic regression needs rows of both classes");
  const Problem d = standardised(x, truth, options);
  const Newton newton = maximise(d);
  const Eigen::Index k = d.x.cols();
  // From coefficients of standardised columns to those of the columns.
  Eigen::MatrixXd back = d.scale.cwiseInverse().asDiagonal();
  back.row(0) -= d.mean.cwiseQuotient(d.scale).transpose();
  const Eigen::VectorXd b = back * newton.b;
  LogisticRegression fit;
  fit.converged = newton.converged;
  fit.intercept = b[0];
  fit.coefficients.assign(b.data() + 1, b.data() + k);
  fit.deviance = 2 * (objective(d, newton.b) - 0.5 * newton.b.dot(d.penalty.cwiseProduct(newton.b)));
  fit.covariance = Matrix(x.columns + 1, x.columns + 1);
  std::ranges::fill(fit.covariance.values, std::numeric_limits<double>::quiet_NaN());
  if (newton.converged) {
    const Eigen::MatrixXd covariance = back * newton.inverse_information * back.transpose();
    std::ranges::copy(covariance.reshaped(), fit.covariance.values.begin());
  }
  return fit;
}

}  // namespace gliocast::stats
