#include "table_records.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/table.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <set>

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
    if (cell.empty() || !seen.insert(cell).second || (separator == ',' && !records[r].first_quoted)) return false;
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
  std::size_t width = 0;
  bool fits = false;    ///< two columns or more in every row
  bool mostly = false;  ///< in half of the rows
};

Candidate try_separator(std::string_view text, char separator, const std::string& name) {
  Candidate c{separator};
  try {
    const auto records = sample_records(text, separator, name);
    if (records.empty()) return c;
    const auto shape = shape_of(records, separator);
    c.width = shape.width;
    c.fits = !shape.bad && shape.width >= 2;
    c.mostly = shape.width >= 2 && shape.agreeing * 2 >= records.size() - 1;
  } catch (const Error&) {  // an open quote
  }
  return c;
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
  for (const std::size_t n : {1, 2, 3})
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
      position_ += n, ++line_;
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
  if (!held.empty()) cell.append(rest.data(), static_cast<std::size_t>(held.data() + held.size() - rest.data()));
  if (more && separator_ == ' ') {  // a run of blanks is one separator, and none at the line's end
    skip_blanks();
    if (position_ >= text_.size()) return false;
    if (const std::size_t n = line_end_length(text_, position_)) {
      position_ += n, ++line_;
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
      position_ += n, ++line_;
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
  position_ = start, line_ = line;
  quotes_are_letters_ = true;
  return false;
}

bool TableRecords::next(TableRecord& record) {
  record.cells.clear();
  if (position_ >= text_.size()) return false;
  record.line = record_line_ = line_;
  bool more = true;
  while (more) {
    std::string cell;
    more = read_cell(cell);
    if (record.cells.empty()) record.first_quoted = quoted_;
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
    const bool says_separator =
        start.line == 1 && directive.starts_with("sep=") && directive.size() <= 5 && line.size() <= 7;
    if (says_separator) {
      start.separator = directive.size() == 5 ? directive[4] : '\t';  // a tab at the end is trimmed
    } else if (line.starts_with('#')) {
      ++start.comments;
      start.comment = start.position + text.substr(start.position).find('#') + 1;
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
    shape.row_names = true, shape.rows_longer = false;
    shape.agreeing = records.size() - 1;
    return shape;
  }
  shape.width = std::max(named, std::min(longest, header));
  for (std::size_t r = 1; r < records.size() && !shape.bad; ++r)
    if (filled_cells(records[r]) > header || records[r].cells.size() < shape.width) shape.bad = &records[r];
  return shape;
}

char find_separator(std::string_view text, char likely, const std::string& name, std::vector<std::string>& notes) {
  std::vector<Candidate> all{try_separator(text, likely, name)};
  for (const char c : {'\t', ',', ';', '|'})
    if (c != likely) all.push_back(try_separator(text, c, name));
  const auto wider = [](const Candidate& a, const Candidate& b) { return a.width < b.width; };
  std::vector<Candidate> fitting;
  std::ranges::copy_if(all, std::back_inserter(fitting), &Candidate::fits);
  if (!fitting.empty()) {
    const Candidate best = all[0].fits ? all[0] : *std::ranges::max_element(fitting, wider);
    const std::string chosen = separator_name(best.separator);
    for (const auto& other : fitting)
      if (other.separator != best.separator)
        notes.push_back("warning: the columns of the table could be separated by " + chosen + " (" +
                        std::to_string(best.width) + " columns) or by " + separator_name(other.separator) + " (" +
                        std::to_string(other.width) + "): read with " + chosen +
                        "; a first line \"sep=" + other.separator + "\" says otherwise");
    if (best.separator != likely) notes.push_back("the columns of the table are separated by " + chosen);
    return best.separator;
  }
  if (std::ranges::none_of(all, [](const Candidate& c) { return c.width >= 2; }) &&
      try_separator(text, ' ', name).fits) {
    notes.push_back("the columns of the table are separated by blanks");
    return ' ';
  }
  // None fits: the message about the row that does not should speak of the separator that is meant.
  if (all[0].mostly) return likely;
  const auto widest = std::ranges::max_element(all, {}, [](const Candidate& c) { return c.mostly ? c.width : 0; });
  return widest->mostly ? widest->separator : likely;
}

}  // namespace gliocast
