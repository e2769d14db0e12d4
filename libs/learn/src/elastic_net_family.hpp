#pragma once
#include "column_kernels.hpp"

#include <cstddef>
#include <memory>
#include <vector>

namespace gliocast::learn {

/// The part of a loss's second derivative that is not diagonal: less Σ_g out_g(x) out_g(z) in the direction of columns
/// x and z.
class ColumnMeans {
 public:
  virtual ~ColumnMeans() = default;
  [[nodiscard]] virtual std::size_t size() const = 0;
  /// `centre`: the column's mean by the curvature. `out`: size() numbers.
  virtual void of(const double* column, double centre, double* out) const = 0;
};

/// What coordinate descent must know of a family: its loss, minus the log-likelihood by weights that sum to 1, as a
/// quadratic around a linear predictor.
class WorkingFamily {
 public:
  virtual ~WorkingFamily() = default;
  /// At the linear predictor eta (offset within): the loss; `residuals` = −d loss / d eta and `curvature` = its second
  /// derivative, one a row.
  virtual double evaluate(const double* eta, double* residuals, double* curvature) const = 0;
  /// What the second derivative lacks at eta, with columns centred by the curvature; null where it is diagonal.
  [[nodiscard]] virtual std::unique_ptr<ColumnMeans> means(const double* /*eta*/) const { return nullptr; }
  /// The intercept to begin from.
  [[nodiscard]] virtual double first_intercept() const = 0;
  [[nodiscard]] virtual bool has_intercept() const { return true; }
  /// One quadratic is the loss itself.
  [[nodiscard]] virtual bool is_quadratic() const { return false; }
  /// The loss of a perfect fit.
  [[nodiscard]] virtual double least_loss() const { return 0; }
  /// The sum of the curvature at which the fit is taken for perfect.
  [[nodiscard]] virtual double least_curvature() const { return 0; }
};

/// `y`, `w`: n values each; the weights sum to 1.
[[nodiscard]] std::unique_ptr<WorkingFamily> linear_family(const std::vector<double>& y, const std::vector<double>& w);
[[nodiscard]] std::unique_ptr<WorkingFamily> logistic_family(const std::vector<double>& y,
                                                             const std::vector<double>& w);

}  // namespace gliocast::learn
