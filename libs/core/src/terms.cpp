#include <gliocast/core/terms.hpp>

#include <gliocast/core/text.hpp>

#include <cstddef>

namespace gliocast {

std::vector<std::string> split_terms(std::string_view text) {
  std::vector<std::string> terms;
  int depth = 0;
  for (std::size_t begin = 0, i = 0; i <= text.size(); ++i) {
    if (i < text.size()) depth += text[i] == '(' ? 1 : text[i] == ')' ? -1 : 0;
    if (i < text.size() && (text[i] != ',' || depth > 0)) continue;
    if (const auto term = trimmed(text.substr(begin, i - begin)); !term.empty()) terms.emplace_back(term);
    begin = i + 1;
  }
  return terms;
}

}  // namespace gliocast
