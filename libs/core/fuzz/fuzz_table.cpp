// Survives any bytes: either a table whose rows fit its columns, or an Error{UnusableInput}.
#include <gliocast/core/error.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/core/table.hpp>
#include <gliocast/core/text.hpp>

#include <cstdint>
#include <cstdlib>
#include <string>

namespace {

std::string utf16(const std::string& text, bool big) {
  std::string result;
  for (const char c : text) result += big ? std::string{'\0', c} : std::string{c, '\0'};
  return result;
}

void check(const gliocast::TextTable& table) {
  if (table.rows.size() != table.lines.size()) std::abort();
  for (std::size_t r = 0; r < table.rows.size(); ++r) {
    if (table.rows[r].size() != table.columns.size() || (r > 0 && table.lines[r] <= table.lines[r - 1])) std::abort();
    for (const auto& cell : table.rows[r]) {
      (void)gliocast::parse_number(cell);
      (void)gliocast::fold_case(cell);
    }
  }
  // What the writer makes of it reads the same, where no cell loses blanks. One name alone that begins with '#' is a
  // comment, quoted or not.
  if (table.columns.size() == 1 && table.columns[0].starts_with('#')) return;
  const auto again = gliocast::parse_table(gliocast::format_table(table, ','), ',', "again");
  if (again.rows.size() > table.rows.size()) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (data[0] & 4) text = utf16(text, data[0] & 8);
  try {
    check(gliocast::parse_table_file(text, data[0] & 1 ? ',' : '\t', "fuzz"));
  } catch (const gliocast::Error& e) {
    if (e.code() != gliocast::ExitCode::UnusableInput) std::abort();
  }
  return 0;
}
