#pragma once
#include "cox_likelihood.hpp"

namespace gliocast::survival {

/// Value and derivatives of a log-likelihood at one point.
struct LikelihoodPoint {
  bool finite = false;
  double value = 0;
  Eigen::VectorXd gradient;
  Eigen::MatrixXd information;
};

/// The exact (discrete) partial likelihood: at each time, the chance of just these deaths among all sets of as many.
/// O(d · n_risk · p²) an event time. Source: Cox 1972; the recursion over subjects is Gail, Lubin & Rubinstein 1981.
[[nodiscard]] LikelihoodPoint exact_partial_likelihood(const CoxData& data, const CoxLikelihood& risk_sets,
                                                       const RowMatrix& x, const Eigen::VectorXd& beta);

}  // namespace gliocast::survival
