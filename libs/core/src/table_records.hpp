#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gliocast {

/// One line of a table, or several where quoted cells hold line ends.
struct TableRecord {
  std::vector<std::string> cells;
  std::size_t line = 0;      ///< of the file, from 1
  std::vector<bool> quoted;  ///< of each cell: it stood in quotes as a whole
};

/// Splits UTF-8 text into records of cells. A cell may be quoted as in RFC 4180; blanks around cells are dropped.
/// With the separator ' ' any run of blanks separates. In text with tabs a quote that is never closed is an ordinary
/// character; else it throws Error{UnusableInput}.
class TableRecords {
 public:
  TableRecords(std::string_view text, char separator, std::size_t first_line, const std::string& name)
      : text_(text), separator_(separator), line_(first_line), name_(name) {}

  /// The next record; false at the end of the text.
  bool next(TableRecord& record);
  [[nodiscard]] std::size_t position() const { return position_; }

 private:
  bool read_cell(std::string& cell);
  bool read_quoted(std::string& cell);
  void skip_blanks();
  [[nodiscard]] bool is_escaped_quote() const;
  [[nodiscard]] std::size_t blank_length(std::size_t position) const;

  std::string_view text_;
  char separator_;
  std::size_t position_ = 0, line_, record_line_ = 1;
  const std::string& name_;
  bool quotes_are_letters_ = false, quoted_ = false;
};

/// What stands before the header line.
struct TableStart {
  std::size_t position = 0, line = 1;  ///< of the first line that is neither empty nor begins with '#'
  std::optional<char> separator;       ///< of Excel's "sep=" line
  std::optional<std::string> comment;  ///< the text after '#' of the line just before it
  std::size_t comments = 0;            ///< '#' lines
};
[[nodiscard]] TableStart find_table_start(std::string_view text);

/// How records fit together as a table.
struct TableShape {
  std::size_t width = 0;             ///< columns, without empty ones at the end
  bool row_names = false;            ///< the rows have one cell more than the header, in front
  bool rows_longer = false;          ///< rows end with separators that the header lacks
  std::size_t agreeing = 0;          ///< rows with as many cells as the header
  const TableRecord* bad = nullptr;  ///< the first row that does not fit
};
/// `records` are the header and rows, none of them without any value.
[[nodiscard]] TableShape shape_of(const std::vector<TableRecord>& records, char separator);

/// The separator of the text, by how well each splits the first records: of those that fit, the one whose cells hold
/// the others least, but in numbers (decimal commas) and before blanks; then the likely one, then the one with most
/// columns. Remarks go to `notes`. Throws Error{UnusableInput} where two are about as good, or commas would split what
/// may as well be numbers with decimal commas.
[[nodiscard]] char find_separator(std::string_view text, char likely, const std::string& name,
                                  std::vector<std::string>& notes);

/// "commas", "tabs" …
[[nodiscard]] const char* separator_name(char separator);
/// No cell holds anything.
[[nodiscard]] bool is_blank(const TableRecord& record);

}  // namespace gliocast
