#include <gliocast/core/table.hpp>

#include <gliocast/core/error.hpp>
#include <gliocast/core/files.hpp>

#include <algorithm>
#include <cctype>
#include <charconv>

namespace gliocast {
namespace {

std::string lower(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return result;
}

/// Splits text into records of cells; quoting applies to comma-separated text only.
class TableParser {
 public:
  TableParser(std::string_view text, char separator, const std::string& name) : text_(text), separator_(separator), name_(name) {}

  bool next(std::vector<std::string>& cells) {
    cells.clear();
    if (position_ >= text_.size()) return false;
    record_line_ = line_;
    bool more = true;
    while (more) {
      std::string cell;
      more = read_cell(cell);
      cells.push_back(std::move(cell));
    }
    return true;
  }
  [[nodiscard]] std::size_t record_line() const { return record_line_; }

 private:
  /// Reads one cell; true where another one follows in the same record.
  bool read_cell(std::string& cell) {
    if (separator_ == ',' && position_ < text_.size() && text_[position_] == '"') read_quoted(cell);
    while (position_ < text_.size()) {
      const char c = text_[position_++];
      if (c == separator_) return true;
      if (c == '\n' || c == '\r') {
        if (c == '\r' && position_ < text_.size() && text_[position_] == '\n') ++position_;
        ++line_;
        return false;
      }
      cell += c;
    }
    return false;
  }

  void read_quoted(std::string& cell) {
    ++position_;
    while (position_ < text_.size()) {
      const char c = text_[position_++];
      if (c == '"') {
        if (position_ >= text_.size() || text_[position_] != '"') return;
        ++position_;
      }
      if (c == '\n') ++line_;
      cell += c;
    }
    throw unusable_input("a quoted cell is never closed", name_ + ", line " + std::to_string(record_line_));
  }

  std::string_view text_;
  char separator_;
  const std::string& name_;
  std::size_t position_ = 0, line_ = 1, record_line_ = 1;
};

char separator_of(const std::filesystem::path& path) { return lower(path.extension().string()) == ".csv" ? ',' : '\t'; }

std::string format_cell(const std::string& cell, char separator) {
  if (separator == ',') {
    if (cell.find_first_of(",\"\r\n") == std::string::npos) return cell;
    std::string quoted = "\"";
    for (const char c : cell) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
    return quoted + "\"";
  }
  std::string plain = cell;
  std::ranges::replace_if(
      plain, [](char c) { return c == '\t' || c == '\n' || c == '\r'; }, ' ');
  return plain;
}

}  // namespace

std::optional<std::size_t> TextTable::find_column(std::string_view name) const {
  const std::string wanted = lower(name);
  for (std::size_t i = 0; i < columns.size(); ++i)
    if (lower(columns[i]) == wanted) return i;
  return std::nullopt;
}

TextTable parse_table(std::string_view text, char separator, const std::string& name) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  TableParser parser(text, separator, name);
  TextTable table;
  if (!parser.next(table.columns) || (table.columns.size() == 1 && table.columns[0].empty())) throw unusable_input("the table has no header line", name);
  for (std::size_t i = 0; i < table.columns.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      if (table.columns[i] == table.columns[j]) throw unusable_input("column '" + table.columns[i] + "' is there twice", name);
  std::vector<std::string> cells;
  while (parser.next(cells)) {
    if (cells.size() == 1 && cells[0].empty()) continue;  // a blank line
    if (cells.size() != table.columns.size())
      throw unusable_input(std::to_string(cells.size()) + " cells, the header has " + std::to_string(table.columns.size()), name + ", line " + std::to_string(parser.record_line()));
    table.rows.push_back(cells);
  }
  return table;
}

TextTable read_table(const std::filesystem::path& path) {
  const auto bytes = read_file(path, false, std::size_t{1} << 30);
  return parse_table({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, separator_of(path), path.string());
}

std::string format_table(const TextTable& table, char separator) {
  std::string text;
  const auto add = [&](const std::vector<std::string>& cells) {
    for (std::size_t i = 0; i < cells.size(); ++i) {
      if (i > 0) text += separator;
      text += format_cell(cells[i], separator);
    }
    text += '\n';
  };
  add(table.columns);
  for (const auto& row : table.rows) add(row);
  return text;
}

void write_table(const std::filesystem::path& path, const TextTable& table) { write_text(path, format_table(table, separator_of(path))); }

std::optional<double> parse_number(std::string_view cell) {
  while (!cell.empty() && std::isspace(static_cast<unsigned char>(cell.front()))) cell.remove_prefix(1);
  while (!cell.empty() && std::isspace(static_cast<unsigned char>(cell.back()))) cell.remove_suffix(1);
  if (cell.starts_with('+')) cell.remove_prefix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
  if (error != std::errc{} || end != cell.data() + cell.size() || value != value) return std::nullopt;
  return value;
}

}  // namespace gliocast
