#pragma once
#include <gliocast/learn/feature_table.hpp>
#include <gliocast/stats/matrix.hpp>

#include <cstddef>
#include <vector>

namespace gliocast::learn {

enum class CorrelationKind { Pearson, Spearman };

/// Which feature of a pair goes that correlates too much. MeanFast: of every such pair the one with the larger mean
/// |r| to all features, the means taken once (R's caret::findCorrelation(exact = FALSE), its default from 100 features
/// on). MeanExact: the same in descending order of mean |r|, the means of those that remain taken anew at each pair
/// (exact = TRUE; drops fewer). Later: the one that stands later in the table, among those that are still there.
enum class CorrelationDrop { MeanFast, MeanExact, Later };

/// |r| of all pairs of columns [columns, columns] over these rows, 1 on the diagonal. A missing cell (NaN, infinite
/// or beyond ±1e150) counts as its column's mean; a column that is constant but for rounding has 0 with every other.
/// Spearman's: r of mean ranks.
[[nodiscard]] stats::Matrix absolute_correlations(const stats::Matrix& values, const Rows& rows, CorrelationKind kind);

/// Columns to drop, ascending, so that none of the pairs that are left reaches |r| >= threshold.
[[nodiscard]] std::vector<std::size_t> correlated_columns(const stats::Matrix& correlations, double threshold,
                                                          CorrelationDrop drop);

}  // namespace gliocast::learn
