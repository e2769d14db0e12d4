#include "columns.hpp"

#include <gliocast/core/checksum.hpp>
#include <gliocast/core/error.hpp>
#include <gliocast/learn/folds.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string_view>

namespace gliocast::learn {

void take_rows(std::span<const double> column, const Rows& rows, std::vector<double>& values) {
  values.resize(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) values[i] = column[rows[i]];
}

void take_present(std::span<const double> column, const Rows& rows, std::vector<double>& values) {
  values.clear();
  for (const std::size_t r : rows)
    if (usable(column[r])) values.push_back(column[r]);
}

Moments moments(std::span<const double> values, int ddof) {
  Moments m;
  for (const double v : values) m.largest = std::max(m.largest, std::abs(v));
  if (m.largest == 0) return m;
  const auto n = static_cast<double>(values.size());
  double sum = 0, rest = 0, squares = 0;
  for (const double v : values) sum += v / m.largest;
  for (const double v : values) rest += v / m.largest - sum / n;  // of rounding, where values are far from 0
  const double mean = sum / n + rest / n;
  for (const double v : values) squares += (v / m.largest - mean) * (v / m.largest - mean);
  m.mean = mean * m.largest;
  m.sd = std::sqrt(squares / (n - ddof)) * m.largest;
  return m;
}

std::vector<int> classes_of(const FeatureTable& table, const Rows& rows) {
  return table.select({}).take(rows).classes();
}

std::string counted(std::size_t count, const std::string& what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

void need_columns(const FeatureTable& table, std::size_t columns, const std::string& who) {
  if (table.values.columns != columns)
    throw Error(ExitCode::InternalFault,
                who + " of " + std::to_string(columns) + " columns met " + std::to_string(table.values.columns));
}

void require_complete(const FeatureTable& table, const std::vector<std::size_t>& columns, const Rows& rows,
                      const std::string& who) {
  for (const std::size_t c : columns) {
    const auto column = table.values.column(c);
    const auto bad = [&](std::size_t r) { return !std::isfinite(column[r]); };
    const auto first = std::ranges::find_if(rows, bad);
    if (first != rows.end())
      throw unusable_input(who + ": feature " + table.features.at(c) + " is missing or not finite in " +
                               std::to_string(std::ranges::count_if(rows, bad)) + " of " + std::to_string(rows.size()) +
                               " rows",
                           *first < table.ids.size() ? "row " + table.ids[*first] : "",
                           "put a step before it that fills or drops missing values, as standardise does");
  }
}

void require_complete(const FeatureTable& table, const std::string& who) {
  std::vector<std::size_t> columns(table.values.columns);
  std::iota(columns.begin(), columns.end(), std::size_t{0});
  require_complete(table, columns, all_rows(table), who);
}

std::string patient_mark(const std::string& id) {
  constexpr std::string_view kPrefix = "sha256:";
  return id.starts_with(kPrefix) ? id : std::string(kPrefix) + sha256(id);
}

}  // namespace gliocast::learn
