#include "read_columns.hpp"

#include "missing_codes.hpp"

#include <gliocast/core/files.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/core/text.hpp>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

namespace gliocast::stats {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

/// The number in a cell; ±infinity also as the sign and as old programs print it.
std::optional<double> cell_number(const std::string& cell) {
  static const std::set<std::string> kInfinite{"\u221E", "+\u221E", "1.#inf", "#inf", "+inf"};
  if (const auto number = parse_number(cell)) return number;
  std::string text = fold_case(cell);
  if (text.starts_with("\u2212")) text = "-" + text.substr(3);
  if (kInfinite.contains(text)) return std::numeric_limits<double>::infinity();
  if (text.starts_with('-') && kInfinite.contains(text.substr(1))) return -std::numeric_limits<double>::infinity();
  return std::nullopt;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_spreadsheet_error(const std::string& lower_case) {
  static const std::set<std::string> kErrors{"#div/0!", "#value!", "#ref!", "#name?", "#num!", "#null!"};
  return kErrors.contains(lower_case);
}

/// The number with a point for its decimal comma; empty where it has none, or another mark as well.
std::string with_point(std::string_view cell) {
  const auto comma = cell.find(',');
  if (comma == std::string_view::npos || cell.find_first_of(".,", comma + 1) != std::string_view::npos) return {};
  if (cell.find('.') != std::string_view::npos || comma + 1 >= cell.size() || !is_digit(cell[comma + 1])) return {};
  std::string text(cell);
  text[comma] = '.';
  return parse_number(text) ? text : std::string{};
}

/// One to three digits, not beginning with 0, and groups of three after `mark`: 1,234 or 12.345.678.
bool looks_grouped(std::string_view cell, char mark) {
  if (cell.starts_with('-') || cell.starts_with('+')) cell.remove_prefix(1);
  if (cell.empty() || cell[0] == '0') return false;
  std::size_t digits = 0, groups = 0;
  for (std::size_t i = 0; i <= cell.size(); ++i) {
    if (i == cell.size() || cell[i] == mark) {
      if (groups == 0 ? digits < 1 || digits > 3 : digits != 3) return false;
      ++groups;
      digits = 0;
    } else if (is_digit(cell[i])) {
      ++digits;
    } else {
      return false;
    }
  }
  return groups >= 2;
}

/// Begins with a number, after signs such as < or ~: "<0.1", "60 years", "1.234,5".
bool begins_with_number(std::string_view cell) {
  const auto first = cell.find_first_not_of(" <>=~+-$");
  if (first == std::string_view::npos) return false;
  cell.remove_prefix(first);
  for (const std::string_view sign : {"\u2264", "\u2265", "\u2248", "\u00B1", "\u2212", "\u20AC"})
    if (cell.starts_with(sign)) cell.remove_prefix(sign.size());
  cell.remove_prefix(std::min(cell.size(), cell.find_first_not_of(' ')));
  return !cell.empty() && is_digit(cell[0]);
}

/// A number with a decimal comma, or with marks between thousands: "1,5", "1.101,5", "1 234", "7'400".
bool has_marks(std::string_view cell) {
  while (!cell.empty() && (cell[0] == '-' || cell[0] == '+')) cell.remove_prefix(1);
  std::size_t groups = 1, digits = 0;
  for (const char c : cell) {
    if (is_digit(c)) {
      ++digits;
      continue;
    }
    if (std::string_view(",.' ").find(c) == std::string_view::npos || digits == 0) return false;
    if (groups > 1 && digits != 3) return false;
    ++groups;
    digits = 0;
  }
  return groups > 1 && digits > 0 && !parse_number(cell);
}

/// A number, perhaps with marks, and a unit behind it: "1.5 ml", "74 y", "<3", "20%"; no date and no name.
bool is_measure(std::string_view cell) {
  if (!begins_with_number(cell)) return false;
  cell.remove_prefix(std::min(cell.size(), cell.find_first_of("0123456789")));
  cell.remove_prefix(std::min(cell.size(), cell.find_first_not_of("0123456789,.' ")));
  return cell.find_first_of("0123456789-_/:;") == std::string_view::npos;
}

/// Text without regard to case, blanks, hyphens and underscores between letters or digits.
std::string spelling(std::string_view cell) {
  std::string text;
  for (const char c : fold_case(cell))
    if (c != ' ') text += c;
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i)
    if (i == 0 || i + 1 == text.size() || (text[i] != '-' && text[i] != '_')) result += text[i];
  return result;
}

std::string quoted(const ColumnSource::Value& v) {
  return '"' + (v.text.size() > 40 ? v.text.substr(0, 40) + "..." : v.text) + "\" (" +
         (v.rows == 1 ? "" : std::to_string(v.rows) + " rows, first ") + "line " + std::to_string(v.line) + ")";
}

std::string quoted_list(const std::vector<ColumnSource::Value>& values, std::size_t most = 3) {
  std::string text;
  for (std::size_t i = 0; i < std::min(values.size(), most); ++i) text += (i ? ", " : "") + quoted(values[i]);
  return values.size() > most ? text + ", ..." : text;
}

/// Reads one column: its cells as trimmed text, then as numbers if they are.
class ColumnReader {
 public:
  ColumnReader(const TextTable& table, std::size_t column, const std::vector<std::string>& missing)
      : table_(table), name_(table.columns[column]), source_(std::make_shared<ColumnSource>()) {
    std::map<std::string, ColumnSource::Value> errors;
    for (std::size_t r = 0; r < table.rows.size(); ++r) {
      cells_.push_back(plain_blanks(trimmed(table.rows[r][column])));
      std::string& cell = cells_.back();
      if (is_spreadsheet_error(fold_case(cell))) count(errors, cell, r);
      if (is_missing_code(cell) || is_named_code(cell, missing)) cell.clear();
    }
    for (const auto& [text, v] : errors)
      source_->notes.push_back("warning: column \"" + name_ + "\": " + quoted(v) +
                               ", an error of the spreadsheet, is read as missing");
  }

  /// Some cell can only be a number with a decimal comma.
  [[nodiscard]] bool has_decimal_commas() const { return commas() == Commas::Decimal; }

  Column read(bool table_has_decimal_commas) {
    Column column;
    column.name = name_;
    const Commas c = commas();
    if (c == Commas::Decimal || (c == Commas::Either && table_.separator == ';')) take_commas(c);
    if (!read_numbers(column)) {
      read_levels(column);
      describe_text(column);
    } else if (table_.separator == ';') {
      judge_points(table_has_decimal_commas);
    }
    list_values(column);
    column.source = source_;
    return column;
  }

 private:
  enum class Commas { None, Decimal, Either };

  void count(std::map<std::string, ColumnSource::Value>& values, const std::string& text, std::size_t row) const {
    auto& v = values[text];
    if (v.rows++ > 0) return;
    v.text = text;
    v.line = table_.line(row);
  }

  static bool is_named_code(const std::string& cell, const std::vector<std::string>& codes) {
    return std::ranges::any_of(codes, [&](const std::string& code) {
      if (fold_case(code) == fold_case(cell)) return true;
      const auto a = parse_number(code), b = parse_number(cell);
      return a && b && *a == *b;
    });
  }

  /// Every cell is a whole number or has one comma; Either where the commas may group thousands.
  [[nodiscard]] Commas commas() const {
    bool any = false, proven = false;
    for (const auto& cell : cells_) {
      if (cell.empty()) continue;
      if (cell.find(',') == std::string::npos) {
        if (!cell_number(cell) || cell.find('.') != std::string::npos) return Commas::None;
        continue;
      }
      if (with_point(cell).empty()) return Commas::None;
      any = true;
      proven = proven || !looks_grouped(cell, ',');
    }
    return !any ? Commas::None : proven ? Commas::Decimal : Commas::Either;
  }

  void take_commas(Commas c) {
    std::string example;
    for (auto& cell : cells_)
      if (auto text = with_point(cell); !text.empty()) {
        if (example.empty()) example = '"' + cell + "\" as " + text;
        cell = std::move(text);
      }
    source_->notes.push_back((c == Commas::Either ? "warning: column \"" : "column \"") + name_ +
                             "\": decimal commas are read as points (" + example + ")" +
                             (c == Commas::Either ? "; if the commas group thousands, leave them out" : ""));
  }

  /// Digits that the numbers do not give back.
  void keep_digits(Column& column) const {
    constexpr auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    const auto of_digits = [&](const std::string& cell) { return std::ranges::all_of(cell, is_digit); };
    bool lost = false;
    for (std::size_t r = 0; r < cells_.size(); ++r) {
      if (!of_digits(cells_[r])) return;
      lost = lost || (!cells_[r].empty() && cells_[r] != shortest(column.numbers[r]));
    }
    if (lost) column.digits = cells_;
  }

  bool read_numbers(Column& column) {
    for (std::size_t r = 0; r < cells_.size(); ++r) {
      const auto number = cells_[r].empty() ? std::optional<double>(kNaN) : cell_number(cells_[r]);
      if (!number) {
        column.numbers.clear();
        return false;
      }
      column.numbers.push_back(*number);
    }
    keep_digits(column);
    tell_missing_codes(column.numbers);
    const auto infinite = [](double v) { return std::isinf(v); };
    if (std::ranges::none_of(column.numbers, infinite)) return true;
    if (std::ranges::none_of(column.numbers, [](double v) { return std::isfinite(v); })) {
      column.numbers.clear();
      return false;  // a word that happens to be "inf"
    }
    refuse_infinite();
    return true;
  }

  void tell_missing_codes(const std::vector<double>& numbers) {
    for (const auto& [code, rows, low, high] : suspected_missing_codes(numbers)) {
      const std::string text = plain_number(code, 5);
      source_->notes.push_back("warning: column \"" + name_ + "\" has " + text + " in " + std::to_string(rows) +
                               " rows, far from its other values, " + plain_number(low, 6) + " to " +
                               plain_number(high, 6) + ": if it means missing, say --na" + (code < 0 ? "=" : " ") +
                               text);
    }
  }

  /// Names the first infinite cell of a column of numbers, if there is one.
  void refuse_infinite() {
    std::vector<std::size_t> rows;
    for (std::size_t r = 0; r < cells_.size(); ++r)
      if (const auto number = cell_number(cells_[r]); number && std::isinf(*number)) rows.push_back(r);
    if (rows.empty()) return;
    source_->problem = "holds an infinite value: \"" + cells_[rows[0]] + "\" in row " + std::to_string(rows[0] + 1) +
                       " (line " + std::to_string(table_.line(rows[0])) + ")" +
                       (rows.size() > 1 ? " and " + std::to_string(rows.size() - 1) + " more" : "");
  }

  void read_levels(Column& column) const {
    column.is_factor = true;
    std::set<std::string> levels;
    for (const auto& cell : cells_)
      if (!cell.empty()) levels.insert(cell);
    column.levels.assign(levels.begin(), levels.end());
    for (const auto& cell : cells_)
      column.codes.push_back(
          cell.empty() ? -1 : static_cast<int>(std::ranges::lower_bound(column.levels, cell) - column.levels.begin()));
  }

  /// Points in a table with semicolons may group thousands, as in 1.234.
  void judge_points(bool table_has_decimal_commas) {
    std::string example;
    for (const auto& cell : cells_) {
      if (cell.find('.') == std::string::npos) continue;
      if (!looks_grouped(cell, '.')) return;
      if (example.empty()) example = cell;
    }
    if (example.empty()) return;
    if (table_has_decimal_commas)
      source_->problem = "holds numbers such as \"" + example +
                         "\", in a table with decimal commas: whether the point groups thousands is not known";
    else
      source_->notes.push_back("warning: column \"" + name_ + "\": \"" + example +
                               "\" is read with a decimal point; if the points group thousands, leave them out");
  }

  /// How many cells of a column of text are what.
  struct Count {
    std::size_t present = 0, numbers = 0, beginning = 0, marked = 0, measures = 0, unknown = 0;
  };

  Count count_numbers() {
    Count n;
    std::map<std::string, ColumnSource::Value> others;
    for (std::size_t r = 0; r < cells_.size(); ++r) {
      const std::string& cell = cells_[r];
      if (cell.empty()) continue;
      ++n.present;
      const auto value = cell_number(cell);
      const bool number = value && std::isfinite(*value);
      n.numbers += number;
      n.beginning += begins_with_number(cell);
      n.marked += !number && has_marks(cell);
      n.measures += !number && is_measure(cell);
      n.unknown += may_mean_missing(cell);
      if (!number) count(others, cell, r);
    }
    for (auto& [text, v] : others) source_->not_numbers.push_back(std::move(v));
    std::ranges::sort(source_->not_numbers, {}, &ColumnSource::Value::line);
    return n;
  }

  /// What is to be said of a column of text: numbers among it, words that may mean missing, spellings of one level.
  void describe_text(const Column& column) {
    const Count n = count_numbers();
    const std::size_t others = n.present - n.numbers;
    const std::string marks = "write decimal points for commas, and thousands without marks";
    source_->remedy = n.marked == 0       ? "correct these values, or name codes of missing values with --na"
                      : n.marked < others ? marks + "; correct others, or name codes of missing values with --na"
                                          : marks;
    // Half of the cells, or more different numbers than a code has.
    const bool counts = 2 * n.numbers >= n.present || column.levels.size() > source_->not_numbers.size() + 10;
    const std::size_t read = n.numbers + n.measures;
    source_->seems_numeric = read > 0 && 2 * read >= n.present - n.unknown;
    if (counts) refuse_infinite();
    if (counts || (2 * n.beginning >= n.present && (column.levels.size() > 10 || n.marked == others))) {
      source_->mixture = std::to_string(n.numbers) + " of " + std::to_string(n.present) + " values are numbers, " +
                         std::to_string(others) + (others == 1 ? " is no number: " : " are not numbers: ") +
                         quoted_list(source_->not_numbers);
      source_->level_notes.push_back("warning: column \"" + name_ + "\": " + source_->mixture +
                                     "; so it is used as text, with " + std::to_string(column.levels.size()) +
                                     " levels; " + source_->remedy);
    } else {
      for (const auto& v : source_->not_numbers)
        if (may_mean_missing(v.text))
          source_->level_notes.push_back("column \"" + name_ + "\": " + quoted(v) + " is a level of its own; --na \"" +
                                         v.text + "\" makes it missing");
      tell_spellings();
    }
    if (source_->not_numbers.size() > 5) source_->not_numbers.resize(5);
  }

  /// Levels that differ in case, blanks or hyphens only may be one; they are told, never merged.
  void tell_spellings() {
    std::map<std::string, std::vector<ColumnSource::Value>> alike;
    for (const auto& v : source_->not_numbers) alike[spelling(v.text)].push_back(v);
    std::size_t told = 0;
    for (const auto& [text, values] : alike) {
      if (values.size() < 2 || ++told > 3) continue;
      source_->level_notes.push_back("warning: column \"" + name_ + "\": " + quoted_list(values) +
                                     " differ in case, blanks or hyphens only, and are levels of their own");
    }
  }

  void list_values(const Column& column) {
    std::map<std::string, ColumnSource::Value> values;
    for (std::size_t r = 0; r < cells_.size(); ++r) {
      if (cells_[r].empty()) continue;
      count(values, column.text(r), r);
      if (values.size() > ColumnSource::kMostValues) return;
    }
    for (auto& [text, v] : values) source_->values.push_back(std::move(v));
  }

  const TextTable& table_;
  std::string name_;
  std::vector<std::string> cells_;  ///< empty where missing
  std::shared_ptr<ColumnSource> source_;
};

}  // namespace

bool is_missing_code(std::string_view cell) {
  static const std::set<std::string> kCodes{"",
                                            "na",
                                            "n/a",
                                            "nan",
                                            "+nan",
                                            "-nan",
                                            ".",
                                            "#n/a",
                                            "#na",
                                            "#n/a n/a",
                                            "<na>",
                                            "1.#qnan",
                                            "-1.#qnan",
                                            "1.#ind",
                                            "-1.#ind",
                                            "[not available]",
                                            "[not applicable]",
                                            "[not evaluated]",
                                            "[unknown]",
                                            "[discrepancy]",
                                            "[pending]",
                                            "[completed]",
                                            "[not reported]"};
  const std::string text = fold_case(trimmed(cell));
  return kCodes.contains(text) || is_spreadsheet_error(text) || trimmed(cell) == "NULL";
}

bool may_mean_missing(std::string_view cell) {
  static const std::set<std::string> kWords{"unknown",
                                            "unk",
                                            "none",
                                            "null",
                                            "missing",
                                            "not available",
                                            "n.a.",
                                            "not reported",
                                            "not known",
                                            "not done",
                                            "not evaluated",
                                            "n.d.",
                                            "nd",
                                            "not assessed",
                                            "not applicable",
                                            "-",
                                            "--",
                                            "---",
                                            "?",
                                            "??",
                                            "\u2013",
                                            "\u2014"};
  return kWords.contains(fold_case(trimmed(cell)));
}

std::vector<Column> read_columns(const TextTable& table, const std::vector<std::string>& missing) {
  // Only with semicolons does one column's decimal comma make another's points doubtful.
  bool commas = false;
  for (std::size_t c = 0; table.separator == ';' && c < table.columns.size() && !commas; ++c)
    commas = ColumnReader(table, c, missing).has_decimal_commas();
  std::vector<Column> columns;
  for (std::size_t c = 0; c < table.columns.size(); ++c)
    columns.push_back(ColumnReader(table, c, missing).read(commas));
  return columns;
}

}  // namespace gliocast::stats
