#include <gliocast/stats/data_frame.hpp>

#include <gliocast/core/error.hpp>
#include <gliocast/core/files.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <set>

namespace gliocast::stats {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

bool is_missing(const std::string& cell) {
  std::string lower = cell;
  std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lower.empty() || lower == "na" || lower == "n/a" || lower == "nan" || lower == ".";
}

std::string list(const std::vector<std::string>& names, std::size_t most = 20) {
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), most); ++i) text += (i ? ", " : "") + names[i];
  return names.size() > most ? text + ", …" : text;
}

Column make_column(const std::string& name, const std::vector<std::string>& cells) {
  Column column;
  column.name = name;
  column.numbers.reserve(cells.size());
  for (const auto& cell : cells) {
    const auto number = is_missing(cell) ? std::optional<double>(kNaN) : parse_number(cell);
    if (!number || std::isinf(*number)) {
      column.is_factor = true;
      break;
    }
    column.numbers.push_back(*number);
  }
  if (!column.is_factor) return column;
  column.numbers.clear();
  std::set<std::string> levels;
  for (const auto& cell : cells)
    if (!is_missing(cell)) levels.insert(cell);
  column.levels.assign(levels.begin(), levels.end());
  for (const auto& cell : cells)
    column.codes.push_back(is_missing(cell) ? -1 : static_cast<int>(std::ranges::lower_bound(column.levels, cell) - column.levels.begin()));
  return column;
}

}  // namespace

std::size_t Column::count_missing() const noexcept {
  std::size_t n = 0;
  for (std::size_t i = 0; i < rows(); ++i) n += missing(i);
  return n;
}

std::string Column::text(std::size_t row) const {
  if (missing(row)) return "NA";
  return is_factor ? levels[static_cast<std::size_t>(codes[row])] : shortest(numbers[row]);
}

std::string r_number(double value) {
  char buffer[64];
  for (int digits = 1; digits <= 15; ++digits) {
    std::snprintf(buffer, sizeof buffer, "%.*g", digits, value);
    char longest[64];
    std::snprintf(longest, sizeof longest, "%.15g", value);
    if (std::strtod(buffer, nullptr) == std::strtod(longest, nullptr)) break;
  }
  // R prefers the fixed notation where it is not wider than the scientific one.
  std::string scientific = buffer, fixed = shortest(value);
  if (scientific.find('e') != std::string::npos && fixed.find('e') == std::string::npos && fixed.size() <= scientific.size()) return fixed;
  return scientific;
}

Column as_factor(const Column& column) {
  if (column.is_factor) return column;
  Column factor;
  factor.name = column.name;
  factor.is_factor = true;
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
  for (const std::size_t r : rows)
    if (column.is_factor)
      result.codes.push_back(column.codes[r]);
    else
      result.numbers.push_back(column.numbers[r]);
  return result;
}

DataFrame::DataFrame(const TextTable& table, std::string origin) : origin_(std::move(origin)), rows_(table.rows.size()) {
  if (rows_ == 0) throw unusable_input("the table has no rows", origin_);
  std::vector<std::string> cells(rows_);
  for (std::size_t c = 0; c < table.columns.size(); ++c) {
    for (std::size_t r = 0; r < rows_; ++r) cells[r] = plain_blanks(trimmed(table.rows[r][c]));
    columns_.push_back(make_column(table.columns[c], cells));
  }
}

const Column* DataFrame::find(std::string_view name) const noexcept {
  for (const auto& column : columns_)
    if (column.name == name) return &column;
  return nullptr;
}

const Column& DataFrame::at(std::string_view name) const {
  if (const Column* column = find(name)) return *column;
  std::vector<std::string> names;
  for (const auto& column : columns_) names.push_back(column.name);
  throw unusable_input("there is no column \"" + std::string(name) + "\"", origin_, "columns: " + list(names));
}

const Column& DataFrame::numeric(std::string_view name) const {
  const Column& column = at(name);
  if (!column.is_factor) return column;
  std::vector<std::string> bad;
  for (const auto& level : column.levels)
    if (!parse_number(level) && bad.size() < 5) bad.push_back('"' + level + '"');
  throw unusable_input("column \"" + std::string(name) + "\" holds text where numbers are needed: " + list(bad), origin_);
}

void DataFrame::set_reference(std::string_view name, const std::string& level) {
  Column column = as_factor(at(name));
  const auto found = std::ranges::find(column.levels, level);
  if (found == column.levels.end())
    throw unusable_input("\"" + level + "\" is no level of column \"" + std::string(name) + "\"", origin_, "levels: " + list(column.levels));
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
