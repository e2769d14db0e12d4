#pragma once
#include <gliocast/stats/matrix.hpp>
#include <gliocast/stats/resampling.hpp>

#include <cstddef>
#include <span>
#include <utility>
#include <vector>

namespace gliocast::learn {

/// What an elastic net predicts: a number, the probability of class 1, or a log hazard (cox_net.hpp).
enum class ElasticNetFamily { Linear, Logistic, Cox };

struct ElasticNetOptions {
  ElasticNetFamily family = ElasticNetFamily::Logistic;
  double alpha = 1;                    ///< share of the lasso in the penalty, 0 (ridge) … 1 (lasso)
  std::size_t lambdas = 100;           ///< length of the path
  double least_ratio = 0;              ///< last λ over the first; 0: 0.01 with fewer rows than columns, else 1e-4
  std::vector<double> lambda = {};     ///< the path itself, descending, instead; it never stops early then
  double tolerance = 1e-7;             ///< curvature × step², over the null deviance, at which descent ends
  std::size_t most_sweeps = 100000;    ///< over all columns and λs
  std::vector<double> weights = {};    ///< a row, ≥ 0; empty: all 1. Their scale does not matter
  std::vector<double> penalties = {};  ///< a column, ≥ 0: factors of λ; 0 not penalised, infinite left out; empty: 1
  std::vector<double> offset = {};     ///< a row, of the linear predictor; empty: 0
};

/// One point of a path, on the scale of the columns as they came.
struct ElasticNetFit {
  double lambda = 0, intercept = 0;
  std::vector<std::pair<std::size_t, double>> coefficients;  ///< (column, coefficient) that are not 0, by column
  double deviance_ratio = 0;                                 ///< share of the null deviance that is explained

  /// Intercept and columns times coefficients, without offset, of each row of x.
  [[nodiscard]] std::vector<double> linear_predictor(const stats::Matrix& x) const;
  /// The same of these rows only.
  [[nodiscard]] std::vector<double> linear_predictor(const stats::Matrix& x, const stats::Rows& rows) const;
};

struct ElasticNetPath {
  ElasticNetFamily family = ElasticNetFamily::Logistic;
  std::vector<ElasticNetFit> fits;  ///< λ descending; shorter than asked where hardly any deviance is left
  std::vector<double> scale;        ///< standard deviation of each column, by weights that sum to 1; 0 where constant
  double null_deviance = 0;         ///< with intercept and offset alone, of the weights as they came
  bool converged = true;            ///< false: most_sweeps ended it; the fits before are good

  [[nodiscard]] std::vector<double> lambda() const;
};

/// Takes out what rounding leaves of coefficients that are 0: of columns with standard deviation 1, 1e-12 of the
/// largest or less. `fit`: of that path.
void drop_rounding(const ElasticNetPath& path, ElasticNetFit& fit);

/// The elastic net along a path of λ, each solution the start of the next: over intercept a and coefficients b
///   linear    minimises  Σ w (y − a − xᵀb)² / 2 + λ Σ_j f_j [(1 − α)/2 b_j² / s + α |b_j|]
///   logistic  minimises  −Σ w log-likelihood    + λ Σ_j f_j [(1 − α)/2 b_j²     + α |b_j|]
/// where the weights w sum to 1, b belongs to columns with standard deviation 1, s is the standard deviation of y (λ
/// then follows the unit of y, as in glmnet), and the factors f are scaled to a mean of 1. Constant columns get 0.
/// Cyclic coordinate descent on the columns that the strong rules leave, each λ checked by the conditions of
/// Karush, Kuhn and Tucker over all columns; logistic by iterated reweighting. A path of its own (`lambda` empty) ends
/// where more than 0.999 of the deviance is explained, or a step explains less than 1e-5 more.
/// `x`: [rows, columns]. `y`: one a row of x; logistic: 0, 1 or a share between. `rows`: what is fitted, may repeat;
/// weights, offset and y are by row of x. Throws Error{UnusableInput} where a value is not finite, y has no spread, or
/// an option makes no sense; Error{Interrupted}.
/// Source: Friedman, Hastie & Tibshirani 2010; Tibshirani et al. 2012 (strong rules); as R glmnet 4.1.
[[nodiscard]] ElasticNetPath fit_elastic_net(const stats::Matrix& x, std::span<const double> y,
                                             const ElasticNetOptions& options = {});
[[nodiscard]] ElasticNetPath fit_elastic_net(const stats::Matrix& x, std::span<const double> y, const stats::Rows& rows,
                                             const ElasticNetOptions& options);

}  // namespace gliocast::learn
