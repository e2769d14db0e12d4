#pragma once
#include <gliocast/learn/learner.hpp>

#include <cstddef>
#include <functional>
#include <vector>

namespace gliocast::learn {

struct EliminationOptions {
  std::size_t keep = 8;
  double fraction = 0.1;  ///< of the columns that remain, dropped a round, rounded down, at least 1; in (0, 1)
};

/// Importance of each column of a table, of any sign-free scale; more is more important.
using ColumnImportance = std::function<std::vector<double>(const FeatureTable& table)>;

/// Recursive feature elimination: the columns of least importance are dropped, importance is found anew among those
/// that remain, until `keep` are left. Returns a rank of each column: 1 those kept, 2 the last that were dropped, and
/// so on, as scikit-learn's RFE.ranking_. Ties: the earlier column is dropped first. Source: Guyon et al. 2002.
[[nodiscard]] std::vector<std::size_t> eliminate_features(const FeatureTable& table, const ColumnImportance& importance,
                                                          const EliminationOptions& options);

}  // namespace gliocast::learn
