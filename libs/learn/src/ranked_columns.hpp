#pragma once
#include <gliocast/learn/feature_table.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace gliocast::learn {

/// The columns of a table as ranks of their distinct values, found once for all trees: within a node an order by value
/// is then a walk over ranks, without a sort.
class RankedColumns {
 public:
  /// Throws Error{UnusableInput} naming the first column with a value that is not finite.
  RankedColumns(const FeatureTable& table, std::size_t threads);

  [[nodiscard]] std::size_t rows() const noexcept { return rows_; }
  [[nodiscard]] std::size_t columns() const noexcept { return distinct_.size(); }
  /// Of each row, from 0.
  [[nodiscard]] std::span<const std::uint32_t> ranks(std::size_t column) const {
    return {ranks_.data() + column * rows_, rows_};
  }
  /// Ascending.
  [[nodiscard]] const std::vector<double>& distinct(std::size_t column) const { return distinct_[column]; }
  [[nodiscard]] std::size_t most_distinct() const noexcept { return most_distinct_; }

 private:
  void rank(std::span<const double> values, std::size_t column);

  std::size_t rows_, most_distinct_ = 0;
  std::vector<std::uint32_t> ranks_;
  std::vector<std::vector<double>> distinct_;
};

}  // namespace gliocast::learn
