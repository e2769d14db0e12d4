#pragma once
#include "risk_sets.hpp"

#include <gliocast/survival/cox.hpp>

#include <Eigen/Dense>

#include <vector>

namespace gliocast::survival {

using RowMatrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// The partial likelihood (Efron, Breslow) with its derivatives, on centred and scaled columns. The information is
/// X′diag(r H)X − Σ x̄x̄′, two products of whole matrices, since Σ_t S2(t)/S0(t) adds to each x x′ its own cumulative
/// hazard.
class CoxLikelihood {
 public:
  CoxLikelihood(const CoxData& data, Ties ties, const RowMatrix& x);

  /// Sets the point; false where the likelihood is not finite there.
  bool evaluate(const Eigen::VectorXd& beta);
  [[nodiscard]] double log_likelihood() const { return log_likelihood_; }
  [[nodiscard]] const Eigen::VectorXd& gradient() const { return gradient_; }
  /// `time_weight`: one factor an event time (1 where empty).
  [[nodiscard]] Eigen::MatrixXd information(const std::vector<double>& time_weight = {}) const;

  [[nodiscard]] const std::vector<EventTime>& event_times() const { return sets_.events(); }
  /// Cumulative hazard over each row's time at risk, times `time_weight`.
  [[nodiscard]] std::vector<double> cumulative_hazard(const std::vector<double>& time_weight = {}) const;
  [[nodiscard]] const Eigen::VectorXd& risk() const {
    return risk_;
  }  ///< exp(linear predictor − shift), without case weights
  [[nodiscard]] double shift() const { return shift_; }
  [[nodiscard]] const RowMatrix& means() const { return means_; }  ///< risk-set means, see EventTime::first_mean
  [[nodiscard]] double denominator(std::size_t mean) const {
    return denominator_[mean];
  }  ///< risk-set sum behind a row of means()
  [[nodiscard]] const Exposure& exposure(std::size_t row) const { return sets_.exposure(row); }
  [[nodiscard]] double weight(std::size_t row) const { return data_.weights.empty() ? 1.0 : data_.weights[row]; }

 private:
  /// Adds one event time to the likelihood and its gradient. `s0`, `s1`: sums of the risk and of risk times columns
  /// over those at risk; `d1`: room for the same over those who die.
  void add_event(EventTime& event, const Eigen::VectorXd& eta, double s0, const Eigen::RowVectorXd& s1,
                 double weight_at_risk, Eigen::RowVectorXd& d1, Eigen::RowVectorXd& gradient);

  const CoxData& data_;
  const RowMatrix& x_;
  RiskSets sets_;
  Eigen::VectorXd risk_, gradient_;
  RowMatrix means_;
  std::vector<double> mean_weight_, denominator_;
  double log_likelihood_ = 0, shift_ = 0;
};

/// LDL′ factor of a symmetric matrix whose small pivots are zeroed, so that aliased columns drop out as in R's coxph.
class ToleranceCholesky {
 public:
  explicit ToleranceCholesky(const Eigen::MatrixXd& matrix, double tolerance = 1.818989403545856e-12);
  [[nodiscard]] Eigen::VectorXd solve(const Eigen::VectorXd& right) const;  ///< 0 for aliased columns
  [[nodiscard]] Eigen::MatrixXd inverse() const;                            ///< rows and columns of aliased ones 0
  [[nodiscard]] const std::vector<char>& aliased() const { return aliased_; }

 private:
  Eigen::MatrixXd l_;
  Eigen::VectorXd d_;
  std::vector<char> aliased_;
};

/// The columns as coxph centres and scales them before the fit.
struct ScaledColumns {
  RowMatrix x;
  std::vector<double> means, scales;
};
[[nodiscard]] ScaledColumns scale_columns(const CoxData& data);

}  // namespace gliocast::survival
