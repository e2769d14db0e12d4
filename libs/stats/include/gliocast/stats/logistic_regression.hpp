#pragma once
#include <gliocast/stats/matrix.hpp>

#include <cstddef>
#include <vector>

namespace gliocast::stats {

struct LogisticRegressionOptions {
  std::vector<double> offset;   ///< added to each row's linear predictor; empty: none
  std::vector<double> penalty;  ///< λ of each column: λ/2 coefficient² is added to −log likelihood; empty: none
};

/// P(positive) = 1 / (1 + exp(−(intercept + Σ coefficient · x + offset))).
struct LogisticRegression {
  double intercept = 0;
  std::vector<double> coefficients;  ///< one a column
  Matrix covariance;                 ///< [1 + columns, 1 + columns], the intercept first
  double deviance = 0;               ///< −2 log likelihood, without the penalty
  bool converged = false;            ///< not where classes are separated or columns collinear
};

/// Maximum (penalised) likelihood by Newton's method. `x`: [rows, columns], finite, no constant column is needed and
/// there may be none; `truth`: 1 positive, 0 negative, one a row. As R's glm(family = binomial) where it converges.
/// Throws Error{UnusableInput} where only one class is there. Source: McCullagh & Nelder 1989.
[[nodiscard]] LogisticRegression fit_logistic_regression(const Matrix& x, const std::vector<int>& truth,
                                                         const LogisticRegressionOptions& options = {});

}  // namespace gliocast::stats
