#pragma once
#include "ranked_columns.hpp"

#include <gliocast/core/random.hpp>
#include <gliocast/learn/random_forest.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace gliocast::learn {

/// Grows one tree of a forest. Both criteria are one: the sum over children of (sum of outcomes)² / weight, greatest
/// where the variance is least; for classes 0 and 1 the Gini impurity is twice the variance.
class TreeGrower {
 public:
  /// `outcome`: one a row; `options`: mtry is resolved, at least 1. All outlive the grower.
  TreeGrower(const RankedColumns& columns, std::span<const double> outcome, const ForestOptions& options,
             Random& random);
  /// `weight`: how often each row was drawn.
  [[nodiscard]] Tree grow(const std::vector<std::uint32_t>& weight);
  /// Decrease of weight × variance by the splits of each column of the last tree.
  [[nodiscard]] const std::vector<double>& decrease() const noexcept { return decrease_; }

 private:
  struct Row {
    std::uint32_t row;
    double weight, weighted_outcome;
  };
  struct Node {
    std::size_t begin, end, depth;  ///< rows_[begin, end)
    std::optional<std::size_t> right_of;
    double weight, sum;
  };
  struct Split {
    std::size_t column = 0;
    std::uint32_t last_left = 0, first_right = 0;  ///< ranks
    double score = 0, left_weight = 0, left_sum = 0;
  };
  struct Cell {
    double weight = 0, sum = 0;
  };

  [[nodiscard]] Node root(const std::vector<std::uint32_t>& weight);
  [[nodiscard]] bool is_leaf(const Node& node) const;
  [[nodiscard]] std::optional<Split> best_split(const Node& node);
  void tally(const Node& node, std::size_t column);
  [[nodiscard]] bool improve(const Node& node, std::size_t column, std::optional<Split>& best);
  [[nodiscard]] double threshold(const Split& split) const;
  void push_children(const Node& node, const Split& split, std::size_t index);

  const RankedColumns& columns_;
  std::span<const double> outcome_;
  const ForestOptions& options_;
  Random& random_;
  std::vector<Row> rows_;
  std::vector<Node> pending_;
  std::vector<std::uint32_t> drawn_;    ///< the columns; those drawn for a node come to the front
  std::vector<Cell> cells_;             ///< of each rank, of the node and column at hand; zero between
  std::vector<std::uint64_t> present_;  ///< bit of each rank that has rows
  std::vector<double> decrease_;
};

}  // namespace gliocast::learn
