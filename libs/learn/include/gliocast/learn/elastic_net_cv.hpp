#pragma once
#include <gliocast/learn/elastic_net.hpp>
#include <gliocast/learn/feature_table.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace gliocast::learn {

/// What cross-validation compares λ by; the deviance of the linear family is its squared error. PartialLikelihood is of
/// Cox models (cox_net.hpp).
enum class NetMeasure { Deviance, SquaredError, Auc, PartialLikelihood };

/// A path on all rows, and the error of each λ in rows that the path of the other folds has not seen.
struct CrossValidatedNet {
  ElasticNetPath path;
  NetMeasure measure = NetMeasure::Deviance;  ///< as computed: the deviance instead of the AUC in small folds
  std::vector<double> mean, error;            ///< of the measure, a λ: over folds by their weights; standard error
  std::size_t best = 0;                       ///< position of λ.min: least mean (AUC: greatest)
  std::size_t within_error = 0;               ///< of λ.1se: the largest λ whose mean is within one error of the best
};

/// Paths on the rows outside each fold, at the λs of the path on all rows. `fold`: one an entry of `rows`, from 0. With
/// fewer than three rows a fold, means and errors are over rows, and with fewer than ten, the AUC gives way to the
/// deviance; probabilities are kept 1e-5 from 0 and 1. A fold of one class has no AUC and is left out. The same
/// numbers for every number of threads (0: all). Throws Error{UnusableInput} as fit_elastic_net() does for each fold,
/// for the AUC of a linear net or with weights, and with fewer than three folds; Error{Interrupted}.
/// Source: as cv.glmnet of R glmnet 4.1 with lambda (of the path on all rows), foldid, type.measure, grouped = TRUE.
[[nodiscard]] CrossValidatedNet cross_validate_elastic_net(const stats::Matrix& x, std::span<const double> y,
                                                           const stats::Rows& rows,
                                                           const std::vector<std::size_t>& fold,
                                                           const ElasticNetOptions& options, NetMeasure measure,
                                                           std::size_t threads = 1);

}  // namespace gliocast::learn
