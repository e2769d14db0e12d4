#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gliocast {

/// A table of text cells with named columns, as a TSV or CSV file holds it.
struct TextTable {
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;  ///< each with columns.size() cells
  std::vector<std::size_t> lines{};  ///< line of the file, from 1, on which each row starts; empty where not read
  /// What a reader of the numbers should know of how the file was read; doubtful readings begin with "warning: ".
  std::vector<std::string> notes{};
  char separator = '\t';  ///< between the cells of the file that was read

  /// Position of a column: the exact name, else the first that differs in case only; nothing where absent.
  [[nodiscard]] std::optional<std::size_t> find_column(std::string_view name) const;
  /// Line of the file on which a row starts, from 1; counted from the header on line 1 where the table was not read.
  [[nodiscard]] std::size_t line(std::size_t row) const { return row < lines.size() ? lines[row] : row + 2; }
};

/// Name of the column that R's write.table leaves without one: the names of the rows.
inline constexpr std::string_view kRowNames = "row.names";

/// Reads a table of text: UTF-8 with or without a byte order mark, UTF-16, else Windows-1252; any line end; cells
/// quoted as in RFC 4180, blanks around cells and names dropped. The separator (tab, comma, semicolon, '|', blanks as R
/// writes them, or Excel's "sep=" line) is found from the content; where two fit, the ending decides (.csv: comma, else
/// tab), with a warning. Skipped: '#' lines and blank lines before the header, rows and unnamed columns without any
/// value. A header one name short has row names in its first column. Throws Error{UnusableInput} with the file's line
/// number: no header, a repeated column, a row with another number of cells, an open quote, NUL bytes; and for files
/// that are no text tables (packed, spreadsheets, R or SPSS data …) with their kind and what to do.
[[nodiscard]] TextTable read_table(const std::filesystem::path& path);
/// The same of a file's bytes; `likely` is the separator its ending speaks for.
[[nodiscard]] TextTable parse_table_file(std::string_view bytes, char likely, const std::string& name);
/// The same with a known separator.
[[nodiscard]] TextTable parse_table(std::string_view text, char separator, const std::string& name);

/// Writes by the ending: .csv commas, else tabs. Cells with separators, quotes or line ends are quoted (CSV) or have
/// separators and line ends replaced by spaces (TSV, where a cell that begins with a quote is quoted). A first name
/// that begins with '#' is quoted: it is read again as a name, where there is a second one.
void write_table(const std::filesystem::path& path, const TextTable& table);
/// The same as text.
[[nodiscard]] std::string format_table(const TextTable& table, char separator);

}  // namespace gliocast
