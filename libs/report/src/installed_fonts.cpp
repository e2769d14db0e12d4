#include "installed_fonts.hpp"

#include "text_metrics.hpp"

#include <cstdio>
#include <memory>
#include <set>

namespace gliocast::report {
namespace {

/// Whether a font has the character; true also where that cannot be found out.
bool some_font_has(char32_t code) {
  char command[80];
  std::snprintf(command, sizeof command, "fc-list ':charset=%x' 2>/dev/null || echo unknown",
                static_cast<unsigned>(code));
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> answer(::popen(command, "r"), ::pclose);
  char line[8];
  return !answer || std::fgets(line, sizeof line, answer.get()) != nullptr;
}

}  // namespace

std::string undrawable_character(std::string_view text) {
  constexpr std::size_t kMostAsked = 64;
  std::set<char32_t> asked;
  for (std::size_t i = 0; i < text.size();) {
    const Character c = first_character(text.substr(i));
    // Any font of a machine that draws has the Latin letters.
    if (c.code >= 0x250 && asked.size() < kMostAsked && asked.insert(c.code).second && !some_font_has(c.code))
      return std::string(text.substr(i, c.bytes));
    i += c.bytes;
  }
  return {};
}

}  // namespace gliocast::report
