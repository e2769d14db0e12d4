#pragma once
#include "column_kernels.hpp"
#include "coordinate_descent.hpp"
#include "elastic_net_family.hpp"

#include <gliocast/stats/matrix.hpp>
#include <gliocast/stats/resampling.hpp>

#include <cstddef>
#include <memory>
#include <vector>

namespace gliocast::learn {

/// Columns with mean 0 and standard deviation 1 by the weights.
struct StandardColumns {
  std::size_t rows = 0, stride = 0;  ///< stride: rows, padded with zeros to whole lanes
  LaneBuffer values;                 ///< [column, row]
  std::vector<double> mean, scale;   ///< a column; scale 0: constant
  [[nodiscard]] const double* column(std::size_t c) const noexcept { return values.data() + c * stride; }
};
/// These rows of x; `w`: one each, they sum to 1. Throws Error{UnusableInput} where a value is not finite.
[[nodiscard]] StandardColumns standardise(const stats::Matrix& x, const stats::Rows& rows,
                                          const std::vector<double>& w);

struct PenaltyOptions {
  double alpha = 1;
  std::vector<double> factors;  ///< a column; infinite: left out
  double tolerance = 1e-7;      ///< of curvature × step², over the null loss
  std::size_t most_sweeps = 100000;
};

/// Solves one λ after another, each from the solution before: strong rules, coordinate descent on what they leave,
/// conditions of optimality over all columns. Serves every family; the caller keeps its arguments alive.
class PathSolver {
 public:
  /// `offset`: a row, or empty. Solves the null model: intercept and offset alone.
  PathSolver(const StandardColumns& x, const WorkingFamily& family, const std::vector<double>& offset,
             const PenaltyOptions& options);

  /// Columns without a penalty join; returns the smallest λ at which all others are 0.
  double solve_unpenalised();
  void solve(double lambda);

  [[nodiscard]] const std::vector<double>& coefficients() const noexcept { return b_; }  ///< of standard columns
  [[nodiscard]] double intercept() const noexcept { return intercept_; }                 ///< of centred columns
  [[nodiscard]] double null_loss() const noexcept { return null_loss_; }
  [[nodiscard]] double deviance_ratio() const;
  [[nodiscard]] bool converged() const noexcept { return sweeps_ < options_.most_sweeps; }
  [[nodiscard]] bool perfect() const;  ///< nothing is left to fit

 private:
  [[nodiscard]] bool usable(std::size_t column) const;
  [[nodiscard]] bool violates(std::size_t column, double lambda) const;
  void begin_working_set(double lambda);
  void join(std::size_t column, double lambda);
  bool add_violators(const std::vector<std::size_t>& candidates, double lambda);
  [[nodiscard]] bool weights_are_stale() const;
  void renew_weights();
  void refine(double lambda);
  void take_step(double lambda);
  void evaluate();
  void update_gradients(const std::vector<std::size_t>& columns);
  [[nodiscard]] double penalty(double lambda) const;

  const StandardColumns& x_;
  const WorkingFamily& family_;
  const PenaltyOptions& options_;
  const std::vector<double>& offset_;
  std::vector<double> b_, gradients_;
  std::vector<char> working_;        // a column
  std::vector<std::size_t> slots_;   // columns of problem_
  std::vector<std::size_t> usable_;  // columns that may get a coefficient
  double intercept_ = 0, loss_ = 0, null_loss_ = 0, tolerance_ = 0, last_lambda_ = 0;
  std::size_t sweeps_ = 0;
  LaneBuffer eta_, residuals_, curvature_;
  LaneBuffer weights_;                  // curvature that the problem's products of columns were made with
  std::unique_ptr<ColumnMeans> means_;  // the same
  WorkingProblem problem_;
};

}  // namespace gliocast::learn
