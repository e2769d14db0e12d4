#include <gliocast/learn/ridge_logistic.hpp>

#include <gliocast/core/error.hpp>

#include <algorithm>
#include <cmath>
#include <Eigen/Cholesky>
#include <Eigen/QR>

namespace gliocast::learn {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr double kSmallGradient = 1e-10;  ///< of its size at the start
constexpr double kLeastStep = 1e-12;

double softplus(double x) { return x > 0 ? x + std::log1p(std::exp(-x)) : std::log1p(std::exp(x)); }
double sigmoid(double x) { return x >= 0 ? 1 / (1 + std::exp(-x)) : std::exp(x) / (1 + std::exp(x)); }

/// The objective, its gradient and Hessian over (coefficients, intercept).
class Objective {
 public:
  Objective(const MatrixXd& x, const VectorXd& truth, double cost)
      : x_(x.rows(), x.cols() + 1), truth_(truth), cost_(cost) {
    x_ << x, VectorXd::Ones(x.rows());
  }

  [[nodiscard]] Index size() const { return x_.cols(); }

  [[nodiscard]] double value(const VectorXd& w) const {
    const VectorXd s = x_ * w;
    double loss = 0;
    for (Index i = 0; i < s.size(); ++i) loss += softplus(s[i]) - truth_[i] * s[i];
    return w.head(size() - 1).squaredNorm() / 2 + cost_ * loss;
  }

  [[nodiscard]] VectorXd gradient(const VectorXd& w) const {
    const VectorXd p = (x_ * w).unaryExpr(&sigmoid);
    VectorXd g = cost_ * (x_.transpose() * (p - truth_));
    g.head(size() - 1) += w.head(size() - 1);
    return g;
  }

  [[nodiscard]] MatrixXd hessian(const VectorXd& w) const {
    const VectorXd weight = (x_ * w).unaryExpr([](double s) { return std::sqrt(sigmoid(s) * sigmoid(-s)); });
    const MatrixXd scaled = weight.asDiagonal() * x_;
    MatrixXd h = MatrixXd::Zero(size(), size());
    h.selfadjointView<Eigen::Lower>().rankUpdate(scaled.transpose(), cost_);
    h.diagonal().head(size() - 1).array() += 1;
    h(size() - 1, size() - 1) += 1e-14;  // all rows far from 1/2: the intercept is almost free
    return h;
  }

 private:
  MatrixXd x_;
  VectorXd truth_;
  double cost_;
};

struct Minimum {
  VectorXd w;
  bool converged;
};

Minimum minimise(const Objective& f, std::size_t iterations) {
  VectorXd w = VectorXd::Zero(f.size());
  VectorXd g = f.gradient(w);
  const double small = kSmallGradient * std::max(1.0, g.lpNorm<Eigen::Infinity>());
  double value = f.value(w);
  for (std::size_t i = 0; i < iterations; ++i) {
    if (g.lpNorm<Eigen::Infinity>() <= small) return {w, true};
    const VectorXd step = f.hessian(w).selfadjointView<Eigen::Lower>().llt().solve(g);
    double length = 1;
    while (length > kLeastStep && !(f.value(w - length * step) <= value)) length /= 2;
    if (length <= kLeastStep) break;  // rounding: no better point on the way
    w -= length * step;
    value = f.value(w);
    g = f.gradient(w);
  }
  return {w, g.lpNorm<Eigen::Infinity>() <= 1e3 * small};
}

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
  const auto n = static_cast<Index>(x.rows), p = static_cast<Index>(x.columns);
  const Eigen::Map<const MatrixXd> all(x.values.data(), n, p);
  const VectorXd y = Eigen::Map<const Eigen::VectorXi>(truth.data(), n).cast<double>();
  VectorXd coefficients;
  Minimum m;
  if (p > n) {  // x = L Qᵀ, Q with orthonormal columns: the same penalty on Qᵀ × coefficients
    const Eigen::HouseholderQR<MatrixXd> qr(all.transpose());
    const MatrixXd lower = qr.matrixQR().topRows(n).triangularView<Eigen::Upper>().toDenseMatrix().transpose();
    m = minimise(Objective(lower, y, options.cost), options.iterations);
    coefficients = VectorXd::Zero(p);
    coefficients.head(n) = m.w.head(n);
    coefficients = qr.householderQ() * coefficients;
  } else {
    m = minimise(Objective(all, y, options.cost), options.iterations);
    coefficients = m.w.head(p);
  }
  return {m.w[m.w.size() - 1], {coefficients.begin(), coefficients.end()}, m.converged};
}

}  // namespace gliocast::learn
