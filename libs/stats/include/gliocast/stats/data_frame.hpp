#pragma once
#include <gliocast/core/table.hpp>

#include <cstddef>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gliocast::stats {

/// One column of a table for statistics: numbers, or a factor of text levels.
struct Column {
  std::string name;
  bool is_factor = false;
  std::vector<double> numbers;      ///< one a row; NaN = missing (numeric columns)
  std::vector<int> codes;           ///< one a row; position in `levels`, −1 = missing (factors)
  std::vector<std::string> levels;  ///< sorted by bytes, as R's factor() in the C locale (factors)

  [[nodiscard]] std::size_t rows() const noexcept { return is_factor ? codes.size() : numbers.size(); }
  [[nodiscard]] bool missing(std::size_t row) const noexcept { return is_factor ? codes[row] < 0 : numbers[row] != numbers[row]; }
  [[nodiscard]] std::size_t count_missing() const noexcept;
  /// The cell as text: a level or the shortest number; "NA" where missing.
  [[nodiscard]] std::string text(std::size_t row) const;
};

/// The numeric column read as a factor: levels in ascending order, written with up to 15 significant digits as R does. A factor is returned as it is.
[[nodiscard]] Column as_factor(const Column& column);
/// The rows of a column, in the order given; a factor keeps its levels.
[[nodiscard]] Column take(const Column& column, const std::vector<std::size_t>& rows);
/// A number as R's as.character() writes it: up to 15 significant digits.
[[nodiscard]] std::string r_number(double value);

/// Named columns of equal length. A column is numeric where every cell that is not missing reads as a number, as R's read.csv decides.
/// Missing: empty, "NA", "N/A", "NaN", "." (any case).
class DataFrame {
 public:
  DataFrame() = default;
  /// `origin` names the file in errors. Throws Error{UnusableInput} where the table has no rows.
  explicit DataFrame(const TextTable& table, std::string origin);

  [[nodiscard]] std::size_t rows() const noexcept { return rows_; }
  [[nodiscard]] const std::vector<Column>& columns() const noexcept { return columns_; }
  [[nodiscard]] const std::string& origin() const noexcept { return origin_; }
  [[nodiscard]] const Column* find(std::string_view name) const noexcept;
  /// Throws Error{UnusableInput} that lists the columns there are.
  [[nodiscard]] const Column& at(std::string_view name) const;
  /// A numeric column; throws Error{UnusableInput} that names the first cells that are no numbers.
  [[nodiscard]] const Column& numeric(std::string_view name) const;
  /// Puts `level` first in a factor (a numeric column is made a factor). Throws Error{UnusableInput} that lists the levels.
  void set_reference(std::string_view name, const std::string& level);
  /// The frame of these rows.
  [[nodiscard]] DataFrame subset(const std::vector<std::size_t>& rows) const;
  /// Adds a column, or replaces the one of that name.
  void add(Column column);

 private:
  std::string origin_;
  std::size_t rows_ = 0;
  std::vector<Column> columns_;
};

}  // namespace gliocast::stats
