#pragma once
#include <gliocast/survival/cox.hpp>

#include <cstddef>
#include <memory>
#include <vector>

namespace gliocast::survival {

class RiskSetMeans;

/// The partial likelihood as a function of the rows' linear predictors alone: what a penalised model is fitted by. A
/// shift of all predictors of a stratum leaves it as it is.
class PartialLikelihood {
 public:
  /// Reads times, events, entry times, case weights and strata, and keeps what it needs; `offset` and `x` are not read.
  /// Throws Error{UnusableInput} as fit_cox() does of these; Error{WrongUse} for exact ties.
  PartialLikelihood(const CoxData& data, Ties ties);

  /// The log partial likelihood at these linear predictors, one a row, offset within; not finite where they are too far
  /// apart for the risk sets' sums (beyond 1400).
  [[nodiscard]] double value(const double* eta) const;
  /// The same, with its derivative by each row's predictor (the weighted martingale residual), and the weighted
  /// cumulative hazard of each row: minus the second derivative, but for what means() has.
  [[nodiscard]] double value(const double* eta, double* derivative, double* hazard) const;
  /// What the second derivative has besides `hazard`, at these predictors.
  [[nodiscard]] RiskSetMeans means(const double* eta) const;
  /// Its greatest value whatever the predictors: nobody at risk but those who die.
  [[nodiscard]] double saturated() const noexcept { return saturated_; }
  [[nodiscard]] std::size_t rows() const noexcept { return rows_; }

 private:
  friend class RiskSetMeans;
  struct State;
  std::shared_ptr<const State> state_;
  double saturated_ = 0;
  std::size_t rows_ = 0;
};

/// The mean of a column over each risk set, by the risks of those in it. With the weights c of the risk sets, minus the
/// second derivative of the log partial likelihood in the direction of columns x and z is
///   Σ_i hazard_i x_i z_i − Σ_g c_g mean_g(x) mean_g(z)
class RiskSetMeans {
 public:
  [[nodiscard]] std::size_t size() const noexcept { return weights_.size(); }  ///< Efron: one a death
  [[nodiscard]] const std::vector<double>& weights() const noexcept { return weights_; }
  /// `column`: one number a row. `means`: room for size() numbers.
  void of(const double* column, double* means) const;

 private:
  friend class PartialLikelihood;
  std::shared_ptr<const PartialLikelihood::State> state_;
  std::vector<double> risk_;                   // a row
  std::vector<double> weights_, denominator_;  // a mean
};

}  // namespace gliocast::survival
