#pragma once
#include "column_kernels.hpp"
#include "elastic_net_family.hpp"

#include <cstddef>
#include <vector>

namespace gliocast::learn {

/// A weighted least-squares problem with the elastic net's penalty over the working columns x_1 … x_k, all that the
/// families of an elastic net need solved: minimise over the coefficients b and the intercept
///   ½ Σ_i v_i (z_i − b_0 − x_iᵀb)² + Σ_j [ridge_j/2 b_j² + lasso_j |b_j|]
/// where the residuals are r_i = v_i (z_i − fit of the coefficients that it starts from). With the intercept the
/// columns are centred by the weights, which takes it out of the problem. Where the family's second derivative is not
/// diagonal, its other part is subtracted from the products of columns; without these (more than `most_gram` working
/// columns) the quadratic is the bound that the diagonal is.
/// Source: Friedman, Hastie & Tibshirani 2010; Simon et al. 2011 for r and v of a Cox model.
class WorkingProblem {
 public:
  /// `n`: rows, whole lanes. `most_gram`: working columns up to which products of columns are kept.
  WorkingProblem(std::size_t n, bool intercept, std::size_t most_gram);

  /// Adds a column with its penalty and the coefficient that it starts from.
  void add(const double* column, double lasso, double ridge, double coefficient);
  /// Removes all columns.
  void clear();
  [[nodiscard]] std::size_t size() const noexcept { return columns_.size(); }
  [[nodiscard]] double coefficient(std::size_t slot) const noexcept { return coefficients_[slot]; }
  void set_coefficient(std::size_t slot, double value) noexcept { coefficients_[slot] = value; }
  void set_penalty(std::size_t slot, double lasso, double ridge) noexcept;

  /// The weights `v` of the rows, and what of the second derivative is not diagonal (or null), which the caller keeps;
  /// forgets products of columns.
  void set_weights(const double* v, const ColumnMeans* means = nullptr);
  /// The residuals at the coefficients: the gradients of all columns.
  void set_residuals(const double* r);
  /// How far the coefficients are from the optimum: the largest step that coordinate descent would take now, as
  /// curvature × step².
  [[nodiscard]] double largest_step() const;
  /// Cyclic coordinate descent until no step of a sweep reaches `tolerance` as curvature × step². Returns sweeps done;
  /// `most_sweeps` where it did not converge.
  std::size_t descend(double tolerance, std::size_t most_sweeps);
  /// How much the intercept moves with the coefficients, from residuals to optimum.
  [[nodiscard]] double intercept_step() const noexcept { return intercept_step_; }

 private:
  [[nodiscard]] bool by_gram() const noexcept { return size() <= most_gram_; }
  void weigh(std::size_t first);
  void extend_gram();
  void subtract_means(std::size_t first);
  std::size_t descend_gram(double tolerance, std::size_t most_sweeps);
  std::size_t solve_used();
  [[nodiscard]] double first_crossing(const std::vector<std::size_t>& used, const std::vector<double>& step) const;
  bool move_used(const std::vector<std::size_t>& used, const std::vector<double>& step, double length);
  std::size_t descend_residuals(double tolerance, std::size_t most_sweeps);
  double sweep_residuals(const std::vector<std::size_t>& slots, double* r);

  std::size_t n_, most_gram_;
  bool intercept_;
  std::vector<const double*> columns_;
  LaneBuffer coefficients_, gradients_, lasso_, ridge_;  // a slot
  LaneBuffer sums_, squares_;                            // a slot: Σ v x, and Σ v (x − mean)²
  LaneBuffer lacking_;                                   // a slot: what means_ take from squares_
  LaneBuffer spread_;                                    // [slot, mean] with mean_stride_: out of means_
  const ColumnMeans* means_ = nullptr;
  std::size_t mean_stride_ = 0;
  std::size_t weighed_ = 0;    // slots that have them
  LaneBuffer gram_, scratch_;  // [slot, slot] with stride_; two columns
  std::size_t stride_ = 0, gram_size_ = 0;
  LaneBuffer system_;  // of solve_used()
  const double* v_ = nullptr;
  const double* r_ = nullptr;
  double total_weight_ = 0, total_residual_ = 0, intercept_step_ = 0;
};

}  // namespace gliocast::learn
