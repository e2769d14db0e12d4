#pragma once
#include <gliocast/stats/matrix.hpp>

#include <vector>

namespace gliocast::learn {

struct RidgeLogisticOptions {
  double cost = 1;  ///< weight C of the loss against the penalty, > 0
};

/// log odds = intercept + Σ coefficient × column.
struct RidgeLogistic {
  double intercept = 0;
  std::vector<double> coefficients;  ///< one a column
  bool converged = false;            ///< as of stats::fit_logistic_regression(), which fits it

  /// Log odds of each row. `x`: [rows, coefficients].
  [[nodiscard]] std::vector<double> log_odds(const stats::Matrix& x) const;
};

/// Minimises ½ Σ coefficient² + C × negative log-likelihood, the intercept without penalty: scikit-learn's
/// LogisticRegression(C) (l2). `x`: [rows, columns], finite; columns as they are, so that those of a greater scale are
/// penalised less. `truth`: of each row, 1 or 0. With more columns than rows the fit is made in the space of the rows,
/// where the penalised solution lies. Throws Error{UnusableInput} where a value is not finite, a class is missing or
/// sizes differ. Cost: rows × least(rows, columns)² an iteration.
[[nodiscard]] RidgeLogistic fit_ridge_logistic(const stats::Matrix& x, const std::vector<int>& truth,
                                               const RidgeLogisticOptions& options = {});

}  // namespace gliocast::learn
