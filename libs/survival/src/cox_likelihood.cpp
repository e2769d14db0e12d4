#include "cox_likelihood.hpp"

#include <gliocast/core/parallel.hpp>

#include <algorithm>
#include <cmath>

namespace gliocast::survival {

CoxLikelihood::CoxLikelihood(const CoxData& data, Ties ties, const RowMatrix& x)
    : data_(data), x_(x), sets_(data, ties), denominator_(sets_.means(), 0.0) {
  for (const auto& e : event_times())
    mean_weight_.insert(mean_weight_.end(), e.means, e.weight / static_cast<double>(e.means));
  means_.resize(static_cast<Eigen::Index>(sets_.means()), x_.cols());
}

void CoxLikelihood::add_event(EventTime& e, const Eigen::VectorXd& eta, double s0, const Eigen::RowVectorXd& s1,
                              double weight_at_risk, Eigen::RowVectorXd& d1, Eigen::RowVectorXd& gradient) {
  double d0 = 0;
  d1.setZero();
  for (const std::size_t row : e.deaths) {
    const auto i = static_cast<Eigen::Index>(row);
    const double r = weight(row) * risk_[i];
    d0 += r;
    d1.noalias() += r * x_.row(i);
    log_likelihood_ += weight(row) * eta[i];
    gradient.noalias() += weight(row) * x_.row(i);
  }
  e.n_risk = weight_at_risk;
  e.hazard = e.death_hazard = e.variance = 0;
  const double each = e.weight / static_cast<double>(e.means);
  for (std::size_t k = 0; k < e.means; ++k) {
    const double part = static_cast<double>(k) / static_cast<double>(e.means), denominator = s0 - part * d0;
    log_likelihood_ -= each * std::log(denominator);
    denominator_[e.first_mean + k] = denominator;
    auto mean = means_.row(static_cast<Eigen::Index>(e.first_mean + k));
    mean.noalias() = (s1 - part * d1) / denominator;
    gradient.noalias() -= each * mean;
    e.hazard += each / denominator;
    e.death_hazard += each * (1 - part) / denominator;
    e.variance += each / (denominator * denominator);
  }
}

bool CoxLikelihood::evaluate(const Eigen::VectorXd& beta) {
  const auto n = static_cast<Eigen::Index>(data_.time.size());
  Eigen::VectorXd eta = x_ * beta;
  for (Eigen::Index i = 0; i < n && !data_.offset.empty(); ++i) eta[i] += data_.offset[static_cast<std::size_t>(i)];
  // The likelihood does not change when every predictor is shifted; far ones would overflow.
  shift_ = eta.size() > 0 && eta.cwiseAbs().maxCoeff() > 200 ? eta.maxCoeff() : 0.0;
  eta.array() -= shift_;
  risk_ = eta.array().exp();
  log_likelihood_ = 0;
  gradient_ = Eigen::VectorXd::Zero(x_.cols());
  Eigen::RowVectorXd s1 = Eigen::RowVectorXd::Zero(x_.cols()), d1(x_.cols()), gradient = s1;
  double s0 = 0, weight_at_risk = 0;
  sets_.walk(
      [&] {
        s0 = weight_at_risk = 0;
        s1.setZero();
      },
      [&](std::size_t row, double sign) {
        const auto i = static_cast<Eigen::Index>(row);
        const double r = sign * weight(row) * risk_[i];
        s0 += r;
        s1.noalias() += r * x_.row(i);
        weight_at_risk += sign * weight(row);
      },
      [&](std::size_t g) { add_event(sets_.events()[g], eta, s0, s1, weight_at_risk, d1, gradient); });
  gradient_ = gradient.transpose();
  return std::isfinite(log_likelihood_) && gradient_.allFinite();
}

std::vector<double> CoxLikelihood::cumulative_hazard(const std::vector<double>& time_weight) const {
  const auto& events = event_times();
  std::vector<double> increment, spared;
  for (std::size_t g = 0; g < events.size(); ++g) {
    const double factor = time_weight.empty() ? 1.0 : time_weight[g];
    increment.push_back(factor * events[g].hazard);
    spared.push_back(factor * (events[g].hazard - events[g].death_hazard));
  }
  return sets_.sum_over_exposure(increment, spared);
}

namespace {

/// Adds sign · Σ factor(i) rowᵀ row to the lower half of `result`. Blocks keep the scaled copies small and are summed
/// in a fixed order, whatever the number of threads.
template <class Factor>
void add_weighted_squares(const RowMatrix& rows, double sign, const Factor& factor, Eigen::MatrixXd& result) {
  if (rows.cols() == 0) return;
  constexpr Eigen::Index kBlock = 2048, kParts = 8;
  const Eigen::Index blocks = (rows.rows() + kBlock - 1) / kBlock;
  std::vector<Eigen::MatrixXd> parts(static_cast<std::size_t>(std::min(kParts, blocks)),
                                     Eigen::MatrixXd::Zero(rows.cols(), rows.cols()));
  parallel_for(parts.size(), blocks < kParts ? 1 : 0, [&](std::size_t part) {
    RowMatrix scaled;
    for (Eigen::Index block = static_cast<Eigen::Index>(part); block < blocks;
         block += static_cast<Eigen::Index>(parts.size())) {
      const Eigen::Index begin = block * kBlock, count = std::min(kBlock, rows.rows() - begin);
      scaled = rows.middleRows(begin, count);
      for (Eigen::Index i = 0; i < count; ++i) scaled.row(i) *= factor(static_cast<std::size_t>(begin + i));
      parts[part].triangularView<Eigen::Lower>() += scaled.transpose() * rows.middleRows(begin, count);
    }
  });
  for (const auto& part : parts) result += sign * part;
}

}  // namespace

constexpr double kNoVariation = 1e-12;

Eigen::MatrixXd CoxLikelihood::information(const std::vector<double>& time_weight) const {
  const auto hazard = cumulative_hazard(time_weight);
  Eigen::MatrixXd result = Eigen::MatrixXd::Zero(x_.cols(), x_.cols());
  add_weighted_squares(
      x_, 1, [&](std::size_t i) { return weight(i) * risk_[static_cast<Eigen::Index>(i)] * hazard[i]; }, result);
  const Eigen::VectorXd squares = result.diagonal();
  std::vector<double> factors = mean_weight_;
  const auto& events = event_times();
  if (!time_weight.empty())
    for (std::size_t g = 0; g < events.size(); ++g)
      for (std::size_t k = 0; k < events[g].means; ++k) factors[events[g].first_mean + k] *= time_weight[g];
  add_weighted_squares(means_, -1, [&](std::size_t i) { return factors[i]; }, result);
  // A column that does not vary among those at risk leaves the rounding of its sums, which is no information.
  // (Weights by time may cancel honestly: there the fit itself tells which columns are aliased.)
  if (time_weight.empty())
    for (Eigen::Index c = 0; c < x_.cols(); ++c)
      if (result(c, c) <= kNoVariation * squares[c]) {
        result.row(c).setZero();
        result.col(c).setZero();
      }
  return result.selfadjointView<Eigen::Lower>();
}

ToleranceCholesky::ToleranceCholesky(const Eigen::MatrixXd& matrix, double tolerance)
    : l_(Eigen::MatrixXd::Identity(matrix.rows(), matrix.rows())),
      d_(matrix.rows()),
      aliased_(static_cast<std::size_t>(matrix.rows()), 0) {
  const Eigen::Index p = matrix.rows();
  const double least = p > 0 ? tolerance * std::max(0.0, matrix.diagonal().maxCoeff()) : 0;
  Eigen::MatrixXd a = matrix;
  for (Eigen::Index j = 0; j < p; ++j) {
    d_[j] = a(j, j);
    if (!(std::isfinite(d_[j]) && d_[j] > least && d_[j] > 0)) {
      d_[j] = 0;
      aliased_[static_cast<std::size_t>(j)] = 1;
      continue;
    }
    for (Eigen::Index i = j + 1; i < p; ++i) l_(i, j) = a(i, j) / d_[j];
    for (Eigen::Index i = j + 1; i < p; ++i)
      for (Eigen::Index k = j + 1; k <= i; ++k) a(i, k) -= l_(i, j) * l_(k, j) * d_[j];
  }
}

Eigen::VectorXd ToleranceCholesky::solve(const Eigen::VectorXd& right) const {
  Eigen::VectorXd b = right;
  const Eigen::Index p = b.size();
  for (Eigen::Index i = 0; i < p; ++i)
    for (Eigen::Index j = 0; j < i; ++j)
      if (!aliased_[static_cast<std::size_t>(j)]) b[i] -= l_(i, j) * b[j];
  for (Eigen::Index i = p; i-- > 0;) {
    if (aliased_[static_cast<std::size_t>(i)]) {
      b[i] = 0;
      continue;
    }
    b[i] /= d_[i];
    for (Eigen::Index j = i + 1; j < p; ++j) b[i] -= l_(j, i) * b[j];
  }
  return b;
}

Eigen::MatrixXd ToleranceCholesky::inverse() const {
  Eigen::MatrixXd result(d_.size(), d_.size());
  for (Eigen::Index j = 0; j < d_.size(); ++j) {
    Eigen::VectorXd unit = Eigen::VectorXd::Unit(d_.size(), j);
    if (aliased_[static_cast<std::size_t>(j)]) unit.setZero();
    result.col(j) = solve(unit);
  }
  return 0.5 * (result + result.transpose());
}

ScaledColumns scale_columns(const CoxData& data) {
  const auto n = static_cast<Eigen::Index>(data.x.rows), p = static_cast<Eigen::Index>(data.x.columns);
  ScaledColumns result;
  result.x.resize(n, p);
  for (std::size_t c = 0; c < data.x.columns; ++c) {
    const auto column = data.x.column(c);
    const bool indicator = std::ranges::all_of(column, [](double v) { return v == 0 || v == 1 || v == -1; });
    double mean = 0, weight = 0, spread = 0;
    const bool weighted =
        !data.weights.empty() && data.entry.empty();  // coxph centres start-stop data by the plain mean
    if (!indicator) {
      for (std::size_t i = 0; i < column.size(); ++i) {
        const double w = weighted ? data.weights[i] : 1.0;
        mean += w * column[i];
        weight += w;
      }
      mean /= weight;
      for (const double v : column) spread += std::abs(v - mean);
    }
    const double scale = spread > 0 ? static_cast<double>(n) / spread : 1.0;
    result.means.push_back(mean);
    result.scales.push_back(scale);
  }
  constexpr Eigen::Index kRows = 64;  // columns of so many rows stay in the cache while they are written row by row
  for (Eigen::Index begin = 0; begin < n; begin += kRows)
    for (Eigen::Index c = 0; c < p; ++c) {
      const auto k = static_cast<std::size_t>(c);
      const auto column = data.x.column(k);
      for (Eigen::Index i = begin; i < std::min(begin + kRows, n); ++i)
        result.x(i, c) = (column[static_cast<std::size_t>(i)] - result.means[k]) * result.scales[k];
    }
  return result;
}

}  // namespace gliocast::survival
