#include "cox_exact.hpp"

#include <cmath>

namespace gliocast::survival {
namespace {

// The sums over sets of deaths grow like binomial coefficients: they need the exponent range of long double.
using Real = long double;
using Vector = Eigen::Matrix<Real, Eigen::Dynamic, 1>;
using Square = Eigen::Matrix<Real, Eigen::Dynamic, Eigen::Dynamic>;

/// Elementary symmetric sums of order 0 … d over the risk set, with first and second derivatives.
struct SymmetricSums {
  std::vector<Real> value;
  std::vector<Vector> first;
  std::vector<Square> second;
  SymmetricSums(std::size_t d, Eigen::Index p)
      : value(d + 1, 0), first(d + 1, Vector::Zero(p)), second(d + 1, Square::Zero(p, p)) {
    value[0] = 1;
  }
  void add(Real r, const Vector& x) {
    const Square outer = x * x.transpose();
    for (std::size_t k = value.size() - 1; k >= 1; --k) {
      second[k] +=
          r * (second[k - 1] + x * first[k - 1].transpose() + first[k - 1] * x.transpose() + value[k - 1] * outer);
      first[k] += r * (first[k - 1] + value[k - 1] * x);
      value[k] += r * value[k - 1];
    }
  }
};

}  // namespace

LikelihoodPoint exact_partial_likelihood(const CoxData& data, const CoxLikelihood& risk_sets, const RowMatrix& x,
                                         const Eigen::VectorXd& beta) {
  const Eigen::Index p = x.cols();
  Eigen::VectorXd eta = x * beta;
  for (std::size_t i = 0; i < data.offset.size(); ++i) eta[static_cast<Eigen::Index>(i)] += data.offset[i];
  if (eta.size() > 0) eta.array() -= eta.maxCoeff();
  LikelihoodPoint point{true, 0, Eigen::VectorXd::Zero(p), Eigen::MatrixXd::Zero(p, p)};
  const auto& events = risk_sets.event_times();
  for (std::size_t g = 0; g < events.size(); ++g) {
    const EventTime& e = events[g];
    SymmetricSums sums(e.deaths.size(), p);
    for (std::size_t i = 0; i < data.time.size(); ++i) {
      const auto& exposure = risk_sets.exposure(i);
      if (exposure.first > g || exposure.last <= g) continue;
      const auto row = static_cast<Eigen::Index>(i);
      sums.add(std::exp(static_cast<Real>(eta[row])), x.row(row).transpose().cast<Real>());
    }
    const std::size_t d = e.deaths.size();
    const Vector mean = sums.first[d] / sums.value[d];
    point.value -= static_cast<double>(std::log(sums.value[d]));
    point.gradient -= mean.cast<double>();
    point.information += (sums.second[d] / sums.value[d] - mean * mean.transpose()).cast<double>();
    for (const std::size_t row : e.deaths) {
      point.value += eta[static_cast<Eigen::Index>(row)];
      point.gradient += x.row(static_cast<Eigen::Index>(row)).transpose();
    }
  }
  point.finite = std::isfinite(point.value) && point.gradient.allFinite() && point.information.allFinite();
  return point;
}

}  // namespace gliocast::survival
