#include "ranked_columns.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/parallel.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

namespace gliocast::learn {

void require_finite(const FeatureTable& table, const std::vector<std::size_t>& columns, const char* who) {
  for (const std::size_t c : columns) {
    const auto values = table.values.column(c);
    const auto bad = std::ranges::count_if(values, [](double v) { return !std::isfinite(v); });
    if (bad > 0)
      throw unusable_input(std::string(who) + " needs complete columns: " + table.features.at(c) + " is missing in " +
                               std::to_string(bad) + " of " + std::to_string(values.size()) + " rows",
                           "", "put a step before it that fills or drops missing values");
  }
}

RankedColumns::RankedColumns(const FeatureTable& table, std::size_t threads)
    : rows_(table.rows()), ranks_(table.rows() * table.values.columns), distinct_(table.values.columns) {
  std::vector<std::size_t> all(columns());
  std::iota(all.begin(), all.end(), std::size_t{0});
  require_finite(table, all, "a forest");
  parallel_for(columns(), threads, [&](std::size_t c) { rank(table.values.column(c), c); });
  for (const auto& d : distinct_) most_distinct_ = std::max(most_distinct_, d.size());
}

void RankedColumns::rank(std::span<const double> values, std::size_t column) {
  std::vector<std::pair<double, std::uint32_t>> order(rows_);
  for (std::size_t r = 0; r < rows_; ++r) order[r] = {values[r], static_cast<std::uint32_t>(r)};
  std::ranges::sort(order, {}, &std::pair<double, std::uint32_t>::first);
  auto& distinct = distinct_[column];
  const auto ranks = std::span(ranks_).subspan(column * rows_, rows_);
  for (const auto& [value, row] : order) {
    if (distinct.empty() || value != distinct.back()) distinct.push_back(value);
    ranks[row] = static_cast<std::uint32_t>(distinct.size() - 1);
  }
}

}  // namespace gliocast::learn
