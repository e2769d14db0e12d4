#include "written_table.hpp"

#include <gliocast/core/files.hpp>

#include <algorithm>
#include <string_view>
#include <vector>

namespace gliocast::study {

TextTable written_table(const std::filesystem::path& file) {
  TextTable table = read_table(file);
  const std::string text = read_text(file);
  std::vector<std::size_t> blanks;  // before each line
  for (std::size_t start = 0; start < text.size();) {
    const std::size_t end = std::min(text.find('\n', start), text.size());
    const auto line = std::string_view(text).substr(start, end - start);
    blanks.push_back(std::min(line.find_first_not_of(' '), line.size()));
    start = end + 1;
  }
  for (std::size_t r = 0; r < table.rows.size(); ++r)
    if (const std::size_t line = table.line(r) - 1; line < blanks.size() && !table.rows[r].empty())
      table.rows[r][0].insert(0, blanks[line], ' ');
  return table;
}

}  // namespace gliocast::study
