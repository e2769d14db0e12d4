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

  /// Position of a column, compared without regard to case; nothing where absent.
  [[nodiscard]] std::optional<std::size_t> find_column(std::string_view name) const;
};

/// Reads TSV or CSV (by the ending: .csv is commas, everything else tabs), quoted cells as in RFC 4180, UTF-8 with or without a byte order mark,
/// any line end. Throws Error{UnusableInput} with the line number: no header, a repeated column, a row with another number of cells, an open quote.
[[nodiscard]] TextTable read_table(const std::filesystem::path& path);
[[nodiscard]] TextTable parse_table(std::string_view text, char separator, const std::string& name);

/// Writes by the ending, as above. Cells with separators, quotes or line ends are quoted (CSV) or have them replaced by spaces (TSV).
void write_table(const std::filesystem::path& path, const TextTable& table);
[[nodiscard]] std::string format_table(const TextTable& table, char separator);

/// The number in a cell; nothing where it is empty, "NA", "n/a", "NaN" or not a number.
[[nodiscard]] std::optional<double> parse_number(std::string_view cell);

}  // namespace gliocast
