#include <gliocast/core/table.hpp>

#include <gliocast/core/error.hpp>
#include <gliocast/core/files.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/core/text.hpp>

#include "table_records.hpp"
#include "table_text.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <limits>
#include <map>

namespace gliocast {
namespace {

char separator_of(const std::filesystem::path& path) {
  return fold_case(path.extension().string()) == ".csv" ? ',' : '\t';
}

std::string in_quotes(const std::string& cell) {
  std::string quoted = "\"";
  for (const char c : cell) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

/// `quote` asks for quotes where the text needs none.
std::string format_cell(const std::string& cell, char separator, bool quote = false) {
  if (separator == ',') return quote || cell.find_first_of(",\"\r\n") != std::string::npos ? in_quotes(cell) : cell;
  std::string plain = cell;
  std::ranges::replace_if(plain, [](char c) { return c == '\t' || c == '\n' || c == '\r'; }, ' ');
  return quote || plain.starts_with('"') ? in_quotes(plain) : plain;
}

/// Names of the columns: blanks within as plain ones, those at the end without name or value dropped.
std::vector<std::string> column_names(const TableRecord& header, const TableShape& shape, const std::string& name) {
  std::vector<std::string> names;
  if (shape.row_names) names.emplace_back(kRowNames);
  for (std::size_t c = 0; c < shape.width; ++c) {
    std::string text(trimmed(header.cells[c]));
    std::erase(text, '\r');
    std::ranges::replace(text, '\n', ' ');
    names.push_back(plain_blanks(text));
  }
  std::map<std::string, std::size_t> seen;
  for (std::size_t c = 0; c < names.size(); ++c) {
    if (names[c].empty()) continue;
    const auto [at, first] = seen.emplace(names[c], c);
    if (!first)
      throw unusable_input("column '" + names[c] + "' is there twice (columns " + std::to_string(at->second + 1) +
                               " and " + std::to_string(c + 1) + ")",
                           name + ", line " + std::to_string(header.line), "give each column a name of its own");
  }
  return names;
}

/// Drops columns without name and value; names the others that have none.
void settle_unnamed(TextTable& table) {
  std::vector<std::size_t> kept;
  for (std::size_t c = 0; c < table.columns.size(); ++c) {
    const bool holds = std::ranges::any_of(table.rows, [&](const auto& row) { return !row[c].empty(); });
    if (!table.columns[c].empty() || holds) kept.push_back(c);
  }
  const auto taken = [&](const std::string& text) {
    return std::ranges::find(table.columns, text) != table.columns.end();
  };
  for (const std::size_t c : kept) {
    if (!table.columns[c].empty()) continue;
    std::string text = c == 0 ? std::string(kRowNames) : "unnamed_" + std::to_string(c + 1);
    while (taken(text)) text += '_';
    table.columns[c] = text;
  }
  if (kept.size() == table.columns.size()) return;
  const auto pick = [&](std::vector<std::string>& cells) {
    for (std::size_t k = 0; k < kept.size(); ++k)
      if (kept[k] != k) cells[k] = std::move(cells[kept[k]]);
    cells.resize(kept.size());
  };
  pick(table.columns);
  for (auto& row : table.rows) pick(row);
}

Error ragged(const TableRecord& bad, std::size_t header, char separator, const std::string& name) {
  const std::size_t cells = bad.cells.size();
  if (bad.cells[0].starts_with('#'))
    return unusable_input("this line begins with '#' and does not fit the columns",
                          name + ", line " + std::to_string(bad.line),
                          "only before the header are such lines left out: remove it");
  std::string hint = "the columns are taken as separated by " + std::string(separator_name(separator)) +
                     "; a cell that holds one is quoted";
  if (header == 1) hint += "; a title above the names of the columns is removed";
  if (cells == header + 1)
    hint += "; if the first column holds row names, as R writes them, give it a name in the header" +
            std::string(separator == ',' ? "; if numbers have decimal commas, write points" : "");
  return unusable_input(
      std::to_string(cells) + (cells == 1 ? " cell" : " cells") + ", the header has " + std::to_string(header),
      name + ", line " + std::to_string(bad.line), hint);
}

std::vector<TableRecord> read_records(std::string_view text, char separator, std::size_t line,
                                      const std::string& name) {
  TableRecords parser(text, separator, line, name);
  std::vector<TableRecord> records;
  TableRecord record;
  while (parser.next(record))
    if (!is_blank(record)) records.push_back(std::move(record));
  return records;
}

bool holds_number(const TableRecord& record) {
  return std::ranges::any_of(record.cells, [](const std::string& c) { return parse_number(c).has_value(); });
}

/// The header is the last '#' line where the line after it holds numbers and it none, and both have as many cells.
void take_comment_as_header(const TableStart& start, char separator, const std::string& name,
                            std::vector<TableRecord>& records, std::vector<std::string>& notes) {
  if (!start.comment || records.empty() || !holds_number(records[0])) return;
  TableRecords parser(*start.comment, separator, start.line - 1, name);
  TableRecord header;
  if (!parser.next(header) || header.cells.size() != records[0].cells.size() || is_blank(header) ||
      holds_number(header))
    return;
  if (header.cells[0].empty()) header.cells[0] = "#";
  notes.emplace_back("the names of the columns are taken from the last line that begins with '#'");
  records.insert(records.begin(), std::move(header));
}

TextTable parse_text(std::string_view bytes, char likely, std::optional<char> known, const std::string& name) {
  const auto decoded = decode_table_text(bytes, name);
  const std::string_view text = decoded.text;
  TextTable table;
  if (!decoded.note.empty()) table.notes.push_back(decoded.note);
  const auto start = find_table_start(text);
  const auto body = text.substr(start.position);
  if (!known) known = start.separator;
  table.separator = known ? *known : find_separator(body, likely, name, table.notes);
  auto records = read_records(body, table.separator, start.line, name);
  take_comment_as_header(start, table.separator, name, records, table.notes);
  if (records.empty())
    throw unusable_input(start.comments > 0 ? "there is no header line after the lines that begin with '#'"
                                            : "the table has no header line",
                         name);
  const auto shape = shape_of(records, table.separator);
  table.columns = column_names(records[0], shape, name);
  if (shape.bad) throw ragged(*shape.bad, records[0].cells.size(), table.separator, name);
  if (shape.row_names)
    table.notes.emplace_back(
        "warning: the header has one name less than the rows have cells: the first column is taken as row names, as R "
        "writes them");
  if (shape.rows_longer)
    table.notes.emplace_back("rows end with more separators than the header: those cells are empty and left out");
  for (std::size_t r = 1; r < records.size(); ++r) {
    records[r].cells.resize(table.columns.size());
    table.rows.push_back(std::move(records[r].cells));
    table.lines.push_back(records[r].line);
  }
  if (table.columns.size() >= 3 && std::ranges::count(table.columns, "") + 1 == std::ssize(table.columns))
    throw unusable_input("this line names one of " + std::to_string(table.columns.size()) + " columns",
                         name + ", line " + std::to_string(records[0].line),
                         "the names of the columns come first: remove a title above them");
  settle_unnamed(table);
  return table;
}

}  // namespace

std::optional<std::size_t> TextTable::find_column(std::string_view name) const {
  if (const auto exact = std::ranges::find(columns, name); exact != columns.end())
    return static_cast<std::size_t>(exact - columns.begin());
  const std::string wanted = fold_case(name);
  for (std::size_t i = 0; i < columns.size(); ++i)
    if (fold_case(columns[i]) == wanted) return i;
  return std::nullopt;
}

TextTable parse_table(std::string_view text, char separator, const std::string& name) {
  return parse_text(text, separator, separator, name);
}

TextTable parse_table_file(std::string_view bytes, char likely, const std::string& name) {
  return parse_text(bytes, likely, std::nullopt, name);
}

TextTable read_table(const std::filesystem::path& path) {
  const auto bytes = read_file(path, false, std::size_t{1} << 30);
  return parse_table_file({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, separator_of(path),
                          path.string());
}

std::string format_table(const TextTable& table, char separator) {
  std::string text;
  const auto add = [&](const std::vector<std::string>& cells, bool quote_first = false) {
    for (std::size_t i = 0; i < cells.size(); ++i) {
      if (i > 0) text += separator;
      text += format_cell(cells[i], separator, i == 0 && quote_first);
    }
    text += '\n';
  };
  add(table.columns, !table.columns.empty() && table.columns[0].starts_with('#'));  // else read as a comment
  for (const auto& row : table.rows) add(row);
  return text;
}

void write_table(const std::filesystem::path& path, const TextTable& table) {
  write_text(path, format_table(table, separator_of(path)));
}

}  // namespace gliocast
