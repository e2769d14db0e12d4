#pragma once
#include "cox_likelihood.hpp"

namespace gliocast::survival {

/// Mean over the tied deaths of the risk-set means at one event time.
[[nodiscard]] Eigen::RowVectorXd event_mean(const CoxLikelihood& likelihood, const EventTime& event);

/// Score residuals [n, p] of a likelihood of the columns `x` where it stands, without case weights.
[[nodiscard]] Eigen::MatrixXd score_rows(const RowMatrix& x, const CoxLikelihood& likelihood);

}  // namespace gliocast::survival
