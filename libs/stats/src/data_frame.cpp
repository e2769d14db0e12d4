#include <gliocast/stats/data_frame.hpp>

#include <gliocast/core/error.hpp>
#include <gliocast/core/files.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/core/text.hpp>

#include "read_columns.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <set>

namespace gliocast::stats {
namespace {

constexpr std::size_t kMostNamed = 20;  // columns, values or levels in a sentence

}  // namespace

std::size_t Column::count_missing() const noexcept {
  std::size_t n = 0;
  for (std::size_t i = 0; i < rows(); ++i) n += missing(i);
  return n;
}

std::string Column::text(std::size_t row) const {
  if (missing(row)) return "NA";
  if (!digits.empty()) return digits[row];
  return is_factor ? levels[static_cast<std::size_t>(codes[row])] : shortest(numbers[row]);
}

std::string r_number(double value) {
  value += 0.0;  // −0 becomes 0
  char buffer[64];
  for (int digits = 1; digits <= 15; ++digits) {
    std::snprintf(buffer, sizeof buffer, "%.*g", digits, value);
    char longest[64];
    std::snprintf(longest, sizeof longest, "%.15g", value);
    if (std::strtod(buffer, nullptr) == std::strtod(longest, nullptr)) break;
  }
  // R prefers the fixed notation where it is not wider than the scientific one.
  std::string scientific = buffer, fixed = shortest(value);
  if (scientific.find('e') != std::string::npos && fixed.find('e') == std::string::npos &&
      fixed.size() <= scientific.size())
    return fixed;
  return scientific;
}

Column as_factor(const Column& column) {
  if (column.is_factor) return column;
  Column factor;
  factor.name = column.name;
  factor.is_factor = true;
  factor.source = column.source;
  std::set<double> values;
  for (const double v : column.numbers)
    if (!std::isnan(v)) values.insert(v);
  const std::vector<double> sorted(values.begin(), values.end());
  for (const double v : sorted) factor.levels.push_back(r_number(v));
  for (const double v : column.numbers)
    factor.codes.push_back(std::isnan(v) ? -1 : static_cast<int>(std::ranges::lower_bound(sorted, v) - sorted.begin()));
  return factor;
}

Column take(const Column& column, const std::vector<std::size_t>& rows) {
  Column result;
  result.name = column.name;
  result.is_factor = column.is_factor;
  result.levels = column.levels;
  result.source = column.source;
  for (const std::size_t r : rows)
    if (column.is_factor)
      result.codes.push_back(column.codes[r]);
    else
      result.numbers.push_back(column.numbers[r]);
  if (!column.digits.empty())
    for (const std::size_t r : rows) result.digits.push_back(column.digits[r]);
  return result;
}

DataFrame::DataFrame(const TextTable& table, std::string origin, const std::vector<std::string>& missing)
    : origin_(std::move(origin)), rows_(table.rows.size()), notes_(table.notes) {
  if (rows_ == 0) throw unusable_input("the table has no rows", origin_);
  columns_ = read_columns(table, missing);
}

std::vector<std::string> DataFrame::notes(const std::vector<std::string>& columns,
                                          const std::vector<std::string>& judged) const {
  auto result = notes_;
  std::set<std::string_view> seen;
  for (const auto& name : columns)
    if (const Column* column = find(name); column && column->source && seen.insert(name).second) {
      const ColumnSource& source = *column->source;
      result.insert(result.end(), source.notes.begin(), source.notes.end());
      if (std::ranges::find(judged, name) == judged.end())
        result.insert(result.end(), source.level_notes.begin(), source.level_notes.end());
    }
  return result;
}

const Column* DataFrame::find(std::string_view name) const noexcept {
  for (const auto& column : columns_)
    if (column.name == name) return &column;
  return nullptr;
}

const Column& DataFrame::at(std::string_view name) const {
  if (const Column* column = find(name)) {
    if (column->source && !column->source->problem.empty())
      throw unusable_input("column \"" + std::string(name) + "\" " + column->source->problem, origin_,
                           "correct the values, or name a code of missing values with --na");
    return *column;
  }
  std::vector<std::string> names;
  for (const auto& column : columns_) names.push_back(column.name);
  throw unusable_input("there is no column \"" + std::string(name) + "\"", origin_,
                       "columns: " + listed(names, kMostNamed));
}

const Column& DataFrame::numeric(std::string_view name) const {
  const Column& column = at(name);
  if (!column.is_factor) return column;
  std::vector<std::string> bad;
  if (column.source)
    for (const auto& v : column.source->not_numbers)
      bad.push_back('"' + v.text + "\" (line " + std::to_string(v.line) + ")");
  else
    for (const auto& level : column.levels)
      if (!parse_number(level) && bad.size() < 5) bad.push_back('"' + level + '"');
  throw unusable_input(
      "column \"" + std::string(name) + "\" holds text where numbers are needed: " + listed(bad, kMostNamed), origin_,
      column.source && !column.source->remedy.empty()
          ? column.source->remedy
          : "correct the values, or name codes of missing values with --na");
}

void DataFrame::set_reference(std::string_view name, const std::string& level) {
  Column column = as_factor(at(name));
  const auto found = std::ranges::find(column.levels, level);
  if (found == column.levels.end())
    throw unusable_input("\"" + level + "\" is no level of column \"" + std::string(name) + "\"", origin_,
                         "levels: " + listed(column.levels, kMostNamed));
  const int position = static_cast<int>(found - column.levels.begin());
  std::rotate(column.levels.begin(), found, found + 1);
  for (int& code : column.codes)
    if (code == position)
      code = 0;
    else if (code >= 0 && code < position)
      ++code;
  add(std::move(column));
}

DataFrame DataFrame::subset(const std::vector<std::size_t>& rows) const {
  DataFrame result;
  result.origin_ = origin_;
  result.notes_ = notes_;
  result.rows_ = rows.size();
  for (const auto& column : columns_) result.columns_.push_back(take(column, rows));
  return result;
}

void DataFrame::add(Column column) {
  for (auto& existing : columns_)
    if (existing.name == column.name) {
      existing = std::move(column);
      return;
    }
  if (columns_.empty()) rows_ = column.rows();
  columns_.push_back(std::move(column));
}

}  // namespace gliocast::stats
