#include "table_records.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/core/table.hpp>
#include <gliocast/core/text.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <set>
#include <tuple>

namespace gliocast {
namespace {

constexpr std::size_t kSampleRecords = 500, kSampleBytes = std::size_t{4} << 20;

/// Length in bytes of the line end at `position`; 0 where there is none.
std::size_t line_end_length(std::string_view text, std::size_t position) {
  if (position >= text.size()) return 0;
  if (text[position] == '\n') return 1;
  if (text[position] != '\r') return 0;
  return position + 1 < text.size() && text[position + 1] == '\n' ? 2 : 1;
}

std::size_t filled_cells(const TableRecord& record) {
  std::size_t n = record.cells.size();
  while (n > 0 && record.cells[n - 1].empty()) --n;
  return n;
}

/// R's names of rows differ from each other, and numbers among them are whole. With commas, a decimal comma in each row
/// looks the same: there, they must be in quotes.
bool may_be_row_names(const std::vector<TableRecord>& records, char separator) {
  std::set<std::string_view> seen;
  for (std::size_t r = 1; r < records.size(); ++r) {
    const std::string& cell = records[r].cells[0];
    if (cell.empty() || !seen.insert(cell).second || (separator == ',' && !records[r].quoted[0])) return false;
    const auto number = parse_number(cell);
    if (!number) continue;
    std::size_t whole = 0;
    if (std::from_chars(cell.data(), cell.data() + cell.size(), whole).ptr != cell.data() + cell.size()) return false;
  }
  return true;
}

std::vector<TableRecord> sample_records(std::string_view text, char separator, const std::string& name) {
  TableRecords parser(text, separator, 1, name);
  std::vector<TableRecord> records;
  TableRecord record;
  while (records.size() < kSampleRecords && parser.position() < kSampleBytes && parser.next(record))
    if (!is_blank(record)) records.push_back(std::move(record));
  return records;
}

struct Candidate {
  char separator;
  std::vector<TableRecord> records{};
  std::size_t width = 0;
  bool fits = false;          ///< two columns or more in every row
  bool mostly = false;        ///< in half of the rows
  double torn_names = 0;      ///< share of names that hold another candidate
  double torn_cells = 0;      ///< share of the rows' cells that do
  bool decimal_only = false;  ///< where the rows' cells hold commas, these are decimal

  [[nodiscard]] double torn() const { return torn_names + torn_cells; }
};

Candidate try_separator(std::string_view text, char separator, const std::string& name) {
  Candidate c{separator};
  try {
    c.records = sample_records(text, separator, name);
    if (c.records.empty()) return c;
    const auto shape = shape_of(c.records, separator);
    c.width = shape.width;
    c.fits = !shape.bad && shape.width >= 2;
    c.mostly = shape.width >= 2 && shape.agreeing * 2 >= c.records.size() - 1;
  } catch (const Error&) {  // an open quote
  }
  return c;
}

bool is_digit_at(std::string_view text, std::size_t position) {
  return position < text.size() && text[position] >= '0' && text[position] <= '9';
}

/// A comma between digits, as in a number.
bool is_decimal(std::string_view cell, std::size_t at) {
  return cell[at] == ',' && at > 0 && is_digit_at(cell, at - 1) && is_digit_at(cell, at + 1);
}

/// A cell in quotes may hold any separator; else it is torn from its neighbours where it holds one that is neither
/// within a number nor before a blank, as in text.
bool is_torn(const TableRecord& record, std::size_t c, std::string_view others) {
  if (record.quoted[c]) return false;
  const std::string& cell = record.cells[c];
  for (auto at = cell.find_first_of(others); at != std::string::npos; at = cell.find_first_of(others, at + 1)) {
    const bool before_blank = cell[at] != '\t' && at > 0 && at + 1 < cell.size() && cell[at + 1] == ' ';
    if (!before_blank && !is_decimal(cell, at)) return true;
  }
  return false;
}

/// Whether the record's cells hold commas, and in numbers only.
bool has_decimal_commas_only(const TableRecord& record) {
  bool any = false;
  for (const auto& cell : record.cells)
    for (auto at = cell.find(','); at != std::string::npos; at = cell.find(',', at + 1)) {
      if (!is_decimal(cell, at)) return false;
      any = true;
    }
  return any;
}

/// Judges how far the cells of a candidate hold the `others`.
void judge_cells(Candidate& candidate, std::string others) {
  std::erase(others, candidate.separator);
  std::size_t torn = 0, cells = 0;
  candidate.decimal_only = candidate.records.size() > 1;
  for (std::size_t r = 0; r < candidate.records.size(); ++r) {
    const auto& record = candidate.records[r];
    std::size_t n = 0;
    for (std::size_t c = 0; c < record.cells.size(); ++c) n += is_torn(record, c, others);
    if (r == 0) {
      candidate.torn_names = static_cast<double>(n) / static_cast<double>(record.cells.size());
      continue;
    }
    torn += n;
    cells += record.cells.size();
    candidate.decimal_only = candidate.decimal_only && has_decimal_commas_only(record);
  }
  if (cells > 0) candidate.torn_cells = static_cast<double>(torn) / static_cast<double>(cells);
}

/// The best of candidates that split all rows or most; empty pool excluded.
const Candidate& best_of(std::vector<Candidate>& pool, char likely) {
  std::string separators;
  for (const auto& c : pool) separators += c.separator;
  for (auto& c : pool) judge_cells(c, separators);
  return *std::ranges::min_element(pool, {}, [&](const Candidate& c) {
    return std::tuple(c.torn(), !c.fits, c.separator != likely, -static_cast<double>(c.width));
  });
}

/// Whether the columns could as well be those of `other`: numbers with decimal commas that commas would split, or both
/// have cells that hold the other separator, and about as many.
bool is_undecided(const Candidate& best, const Candidate& other) {
  constexpr double kClear = 0.5;
  if (&best == &other || !best.fits || !other.fits) return false;
  if (best.separator == ',' && other.decimal_only) return true;
  return best.torn() > 0 && other.torn() - best.torn() < kClear;
}

Error undecided(const Candidate& best, const Candidate& other, const std::string& name) {
  const auto directive = [](char c) { return "\"sep=" + (c == '\t' ? "" : std::string(1, c)) + '"'; };
  return unusable_input("the columns could be separated by " + std::string(separator_name(best.separator)) + " (" +
                            std::to_string(best.width) + " columns) or by " + separator_name(other.separator) + " (" +
                            std::to_string(other.width) + ")" +
                            (other.decimal_only ? ", with decimal commas in the numbers" : ""),
                        name,
                        "say which by a first line " + directive(best.separator) + " or " + directive(other.separator) +
                            ", or leave the others out of the names of the columns");
}

/// What is to be told of the other candidates that split every row.
void tell_others(const Candidate& best, const std::vector<Candidate>& pool, std::vector<std::string>& notes) {
  const std::string chosen = separator_name(best.separator);
  const bool whole = best.torn() == 0;
  for (const auto& other : pool) {
    if (other.separator == best.separator || !other.fits) continue;
    if (whole && other.torn_names > 0 && other.torn_cells > 0) continue;  // it tears names and values
    notes.push_back("warning: the columns of the table could be separated by " + chosen + " (" +
                    std::to_string(best.width) + " columns) or by " + separator_name(other.separator) + " (" +
                    std::to_string(other.width) + "): read with " + chosen + "; a first line \"sep=" + other.separator +
                    "\" says otherwise");
  }
}

/// The text after '#' of a comment line, also where a spreadsheet put it into quotes and empty cells behind it; nothing
/// where the line is none.
std::optional<std::string> comment_in(std::string_view line) {
  if (line.starts_with('#')) return std::string(line.substr(1));
  if (!line.starts_with("\"#")) return std::nullopt;
  const auto last = line.find_last_not_of(",;|\t ");
  if (last < 2 || line[last] != '"') return std::nullopt;
  std::string text;
  for (std::size_t i = 2; i < last; ++i) {
    if (line[i] == '"' && (i + 1 == last || line[++i] != '"')) return std::nullopt;  // several cells
    text += line[i];
  }
  return text;
}

}  // namespace

const char* separator_name(char separator) {
  return separator == ','    ? "commas"
         : separator == ';'  ? "semicolons"
         : separator == '\t' ? "tabs"
         : separator == '|'  ? "vertical bars"
                             : "blanks";
}

bool is_blank(const TableRecord& record) { return std::ranges::all_of(record.cells, &std::string::empty); }

std::size_t TableRecords::blank_length(std::size_t position) const {
  const auto rest = text_.substr(position, 3);
  if (rest.empty() || rest[0] == '\n' || rest[0] == '\r' || rest[0] == separator_) return 0;
  for (const std::size_t n : {std::size_t{1}, std::size_t{2}, std::size_t{3}})
    if (n <= rest.size() && trimmed(rest.substr(0, n)).empty()) return n;
  return 0;
}

void TableRecords::skip_blanks() {
  while (const std::size_t n = blank_length(position_)) position_ += n;
  if (separator_ != ' ') return;
  while (position_ < text_.size() && (text_[position_] == ' ' || text_[position_] == '\t')) ++position_;
}

/// Reads one cell; true where another one follows in the same record.
bool TableRecords::read_cell(std::string& cell) {
  skip_blanks();
  quoted_ = !quotes_are_letters_ && position_ < text_.size() && text_[position_] == '"' && read_quoted(cell);
  const std::size_t start = position_;
  bool more = false;
  std::size_t end = text_.size();
  while (position_ < text_.size()) {
    end = position_;
    if (const std::size_t n = line_end_length(text_, position_)) {
      position_ += n;
      ++line_;
      break;
    }
    const char c = text_[position_++];
    if (c == separator_ || (separator_ == ' ' && c == '\t')) {
      more = true;
      break;
    }
    end = position_;
  }
  const auto rest = text_.substr(start, end - start);
  const auto held = trimmed(rest);
  if (!held.empty()) quoted_ = false;
  if (!held.empty()) cell.append(rest.data(), static_cast<std::size_t>(held.data() + held.size() - rest.data()));
  if (more && separator_ == ' ') {  // a run of blanks is one separator, and none at the line's end
    skip_blanks();
    if (position_ >= text_.size()) return false;
    if (const std::size_t n = line_end_length(text_, position_)) {
      position_ += n;
      ++line_;
      return false;
    }
  }
  return more;
}

/// R's write.table writes quotes within text with tabs or blanks as \". With tabs, a backslash may also end the cell.
bool TableRecords::is_escaped_quote() const {
  if (separator_ != '\t' && separator_ != ' ') return false;
  if (position_ + 1 >= text_.size() || text_[position_] != '"') return false;
  return separator_ == ' ' || (text_[position_ + 1] != separator_ && line_end_length(text_, position_ + 1) == 0);
}

/// Reads a quoted cell up to its closing quote; false where the quote is an ordinary character.
bool TableRecords::read_quoted(std::string& cell) {
  const std::size_t start = position_++, line = line_;
  while (position_ < text_.size()) {
    if (const std::size_t n = line_end_length(text_, position_)) {
      cell.append(text_, position_, n);
      position_ += n;
      ++line_;
      continue;
    }
    char c = text_[position_++];
    if (c == '\\' && is_escaped_quote()) {
      c = text_[position_++];
    } else if (c == '"') {
      if (position_ >= text_.size() || text_[position_] != '"') return true;
      ++position_;
    }
    cell += c;
  }
  if (separator_ != '\t')
    throw unusable_input("a quoted cell is never closed", name_ + ", line " + std::to_string(record_line_));
  cell.clear();
  position_ = start;
  line_ = line;
  quotes_are_letters_ = true;
  return false;
}

bool TableRecords::next(TableRecord& record) {
  record.cells.clear();
  record.quoted.clear();
  if (position_ >= text_.size()) return false;
  record.line = record_line_ = line_;
  bool more = true;
  while (more) {
    std::string cell;
    more = read_cell(cell);
    record.quoted.push_back(quoted_);
    record.cells.push_back(std::move(cell));
  }
  return true;
}

TableStart find_table_start(std::string_view text) {
  TableStart start;
  while (start.position < text.size()) {
    std::size_t end = start.position;
    while (end < text.size() && !line_end_length(text, end)) ++end;
    const auto line = trimmed(text.substr(start.position, end - start.position));
    std::string directive;
    for (const char c : line.substr(0, 8))
      if (c != '"') directive += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    const auto comment = comment_in(line);
    const bool says_separator =
        start.line == 1 && directive.starts_with("sep=") && directive.size() <= 5 && line.size() <= 7;
    if (says_separator) {
      start.separator = directive.size() == 5 ? directive[4] : '\t';  // a tab at the end is trimmed
    } else if (comment) {
      ++start.comments;
      start.comment = comment;
    } else if (line.find_first_not_of(",;|\t \"") != std::string_view::npos) {
      return start;
    } else {
      start.comment.reset();
    }
    start.position = end + line_end_length(text, end);
    ++start.line;
  }
  return start;
}

TableShape shape_of(const std::vector<TableRecord>& records, char separator) {
  TableShape shape;
  const std::size_t header = records[0].cells.size(), named = filled_cells(records[0]);
  shape.width = named;
  bool all_one_more = records.size() > 1 && header == named;
  std::size_t longest = 0;
  for (std::size_t r = 1; r < records.size(); ++r) {
    const std::size_t filled = filled_cells(records[r]), cells = records[r].cells.size();
    shape.agreeing += cells == header;
    longest = std::max(longest, filled);
    all_one_more = all_one_more && cells == header + 1;
    shape.rows_longer = shape.rows_longer || cells > header;
  }
  if (all_one_more && longest == header + 1 && may_be_row_names(records, separator)) {
    shape.row_names = true;
    shape.rows_longer = false;
    shape.agreeing = records.size() - 1;
    return shape;
  }
  shape.width = std::max(named, std::min(longest, header));
  for (std::size_t r = 1; r < records.size() && !shape.bad; ++r)
    if (filled_cells(records[r]) > header || records[r].cells.size() < shape.width) shape.bad = &records[r];
  return shape;
}

char find_separator(std::string_view text, char likely, const std::string& name, std::vector<std::string>& notes) {
  std::vector<Candidate> pool;
  bool one_column = true;
  for (const char c : {'\t', ',', ';', '|'}) {
    auto candidate = try_separator(text, c, name);
    one_column = one_column && candidate.width < 2;
    if (candidate.fits || candidate.mostly) pool.push_back(std::move(candidate));
  }
  if (pool.empty()) {
    if (!one_column || !try_separator(text, ' ', name).fits) return likely;
    notes.emplace_back("the columns of the table are separated by blanks");
    return ' ';
  }
  const Candidate& best = best_of(pool, likely);
  for (const auto& other : pool)
    if (is_undecided(best, other)) throw undecided(best, other, name);
  if (!best.fits) return best.separator;  // the message about the row that does not should speak of what is meant
  tell_others(best, pool, notes);
  if (best.separator != likely)
    notes.push_back("the columns of the table are separated by " + std::string(separator_name(best.separator)));
  return best.separator;
}

}  // namespace gliocast
