#pragma once
#include <gliocast/stats/estimate.hpp>

#include <cstddef>
#include <vector>

namespace gliocast::learn {

/// How alike the selections of folds or repeats are.
struct SelectionStability {
  std::vector<double> frequency;  ///< share of the selections that have each feature
  double mean_size = 0;           ///< features a selection
  /// Nogueira's index with its normal interval: 1 where all are the same, 0 as expected of random ones. NaN with fewer
  /// than 2 selections, or where all are empty or have every feature.
  stats::Estimate index;
};

/// `selections`: positions of the chosen features of each fit, distinct; `features`: how many there are. Throws
/// Error{UnusableInput} on a position beyond. Source: Nogueira, Sechidis & Brown 2018.
[[nodiscard]] SelectionStability selection_stability(const std::vector<std::vector<std::size_t>>& selections,
                                                     std::size_t features, double level = 0.95);

}  // namespace gliocast::learn
