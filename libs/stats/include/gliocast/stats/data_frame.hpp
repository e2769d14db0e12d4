#pragma once
#include <gliocast/core/table.hpp>

#include <cstddef>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gliocast::stats {

/// What a column held in the table it was read from. Subsets keep it: how values are coded is judged from all rows.
struct ColumnSource {
  struct Value {
    std::string text;
    std::size_t rows = 0, line = 0;  ///< how often; line of the file of the first
  };
  static constexpr std::size_t kMostValues = 50;
  std::vector<Value> values;  ///< distinct values that are not missing, sorted; empty where over kMostValues differ
  std::vector<Value>
      not_numbers;  ///< of a text column: distinct cells that are no numbers, in order of lines; at most 5
  std::vector<std::string> notes;  ///< what a user of the column should know; doubtful readings begin with "warning: "
  std::vector<std::string> level_notes;  ///< the same of one who takes a text column's values for levels
  bool seems_numeric = false;  ///< of a text column: half of it or more, but for words that may mean missing, are
                               ///< numbers, perhaps with marks or units ("1.101,5", "74 y")
  std::string mixture;         ///< of such a column, how many are numbers, and which not; may be empty
  std::string remedy;          ///< of a text column, what makes it numbers
  std::string problem;         ///< why nothing can be computed from the column; empty where it may be used
};

/// One column of a table for statistics: numbers, or a factor of text levels.
struct Column {
  std::string name;
  bool is_factor = false;
  std::vector<double> numbers;                   ///< one a row; NaN = missing (numeric columns)
  std::vector<int> codes;                        ///< one a row; position in `levels`, −1 = missing (factors)
  std::vector<std::string> levels;               ///< sorted by bytes, as R's factor() in the C locale (factors)
  std::shared_ptr<const ColumnSource> source{};  ///< of the whole table; null for computed columns
  /// The cells of a column of digits that its numbers do not give back ("007", more than 15 digits), as ids may be;
  /// else empty.
  std::vector<std::string> digits{};

  [[nodiscard]] std::size_t rows() const noexcept { return is_factor ? codes.size() : numbers.size(); }
  [[nodiscard]] bool missing(std::size_t row) const noexcept {
    return is_factor ? codes[row] < 0 : numbers[row] != numbers[row];
  }
  [[nodiscard]] std::size_t count_missing() const noexcept;
  /// The cell as text: a level, digits as they were written, or the shortest number; "NA" where missing.
  [[nodiscard]] std::string text(std::size_t row) const;
};

/// The numeric column read as a factor: levels in ascending order, written with up to 15 significant digits as R does.
/// A factor is returned as it is.
[[nodiscard]] Column as_factor(const Column& column);
/// The rows of a column, in the order given; a factor keeps its levels.
[[nodiscard]] Column take(const Column& column, const std::vector<std::size_t>& rows);
/// A number as R's as.character() writes it: up to 15 significant digits.
[[nodiscard]] std::string r_number(double value);

/// Whether a cell is one of the usual codes of a missing value: empty, "NA", "N/A", "NaN", ".", "#N/A", "<NA>" (any
/// case), "NULL", cBioPortal's "[Not Available]" and its like, and the errors of spreadsheets ("#DIV/0!").
[[nodiscard]] bool is_missing_code(std::string_view cell);

/// Whether a word may mean a missing value, or be a level of its own: "unknown", "not reported", "none", "-" … (any
/// case).
[[nodiscard]] bool may_mean_missing(std::string_view cell);

/// Named columns of equal length. A column is numeric where every cell that is not missing reads as a number, as R's
/// read.csv decides, or all as numbers with decimal commas; else it is a factor, with a note where many are numbers.
class DataFrame {
 public:
  DataFrame() = default;
  /// `origin` names the file in errors, `missing` are codes of missing values besides the usual ones (numbers are
  /// compared by value). Throws Error{UnusableInput} where the table has no rows.
  explicit DataFrame(const TextTable& table, std::string origin, const std::vector<std::string>& missing = {});

  [[nodiscard]] std::size_t rows() const noexcept { return rows_; }
  [[nodiscard]] const std::vector<Column>& columns() const noexcept { return columns_; }
  [[nodiscard]] const std::string& origin() const noexcept { return origin_; }
  [[nodiscard]] const Column* find(std::string_view name) const noexcept;
  /// Remarks on how the table and these columns were read, to be told where they are used; nothing of the levels of
  /// those that are also in `judged`: what their values mean is told elsewhere.
  [[nodiscard]] std::vector<std::string> notes(const std::vector<std::string>& columns,
                                               const std::vector<std::string>& judged = {}) const;
  /// Throws Error{UnusableInput} that lists the columns there are, or says what is wrong with the column (infinities).
  [[nodiscard]] const Column& at(std::string_view name) const;
  /// A numeric column; throws Error{UnusableInput} that names the first cells that are no numbers, and what helps.
  [[nodiscard]] const Column& numeric(std::string_view name) const;
  /// Puts `level` first in a factor (a numeric column is made a factor). Throws Error{UnusableInput} that lists the
  /// levels.
  void set_reference(std::string_view name, const std::string& level);
  /// The frame of these rows.
  [[nodiscard]] DataFrame subset(const std::vector<std::size_t>& rows) const;
  /// Adds a column, or replaces the one of that name.
  void add(Column column);

 private:
  std::string origin_;
  std::size_t rows_ = 0;
  std::vector<Column> columns_;
  std::vector<std::string> notes_;  ///< of the table
};

}  // namespace gliocast::stats
