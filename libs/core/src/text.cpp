#include <gliocast/core/text.hpp>

#include <algorithm>
#include <array>
#include <cctype>
#include <vector>

namespace gliocast {
namespace {

/// Blanks of Unicode: no-break, en and em quads to hair space, narrow no-break, mathematical, ideographic, Ogham, next
/// line; then those without width.
constexpr std::array<std::string_view, 20> kBlanks{
    "\u00A0", "\u2000", "\u2001", "\u2002", "\u2003", "\u2004", "\u2005",   "\u2006", "\u2007", "\u2008",
    "\u2009", "\u200A", "\u202F", "\u205F", "\u3000", "\u1680", "\xC2\x85", "\u200B", "\u2060", "\uFEFF"};
constexpr std::array<std::string_view, 3> kZeroWidth{"\u200B", "\u2060", "\uFEFF"};

/// Length of the blank at the start of the text: ASCII, or one of Unicode's that tables hold; 0 where there is none.
std::size_t blank_at_start(std::string_view text) {
  if (text.empty()) return 0;
  if (std::isspace(static_cast<unsigned char>(text[0]))) return 1;
  if (static_cast<unsigned char>(text[0]) < 0x80) return 0;
  for (const std::string_view blank : kBlanks)
    if (text.starts_with(blank)) return blank.size();
  return 0;
}

}  // namespace

std::string_view trimmed(std::string_view text) {
  while (const std::size_t n = blank_at_start(text)) text.remove_prefix(n);
  for (bool found = true; found && !text.empty();) {
    found = false;
    const auto last = static_cast<unsigned char>(text.back());
    if (std::isspace(last)) {
      text.remove_suffix(1);
      found = true;
    }
    if (last < 0x80) continue;
    for (const std::string_view blank : kBlanks)
      if (text.ends_with(blank)) {
        text.remove_suffix(blank.size());
        found = true;
      }
  }
  return text;
}

std::string plain_blanks(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const bool ascii = static_cast<unsigned char>(text[0]) < 0x80;  // nearly always
    const auto* const blank =
        ascii ? kBlanks.end() : std::ranges::find_if(kBlanks, [&](std::string_view b) { return text.starts_with(b); });
    if (blank == kBlanks.end()) {
      result += text[0];
      text.remove_prefix(1);
      continue;
    }
    if (std::ranges::find(kZeroWidth, *blank) == kZeroWidth.end()) result += ' ';
    text.remove_prefix(blank->size());
  }
  return result;
}

CodePoint first_code_point(std::string_view text) {
  const auto c = static_cast<unsigned char>(text[0]);
  if (c < 0x80) return {c, 1};
  const std::size_t length = c >= 0xC2 && c < 0xE0 ? 2 : c >= 0xE0 && c < 0xF0 ? 3 : c >= 0xF0 && c < 0xF5 ? 4 : 0;
  if (length == 0 || length > text.size()) return {kNoCodePoint, 1};
  std::uint32_t value = c & (0x7Fu >> length);
  for (std::size_t i = 1; i < length; ++i) {
    const auto next = static_cast<unsigned char>(text[i]);
    if ((next & 0xC0) != 0x80) return {kNoCodePoint, 1};
    value = value << 6 | (next & 0x3Fu);
  }
  return {value, length};
}

void append_utf8(std::string& text, std::uint32_t c) {
  if (c < 0x80) {
    text += static_cast<char>(c);
  } else if (c < 0x800) {
    text += static_cast<char>(0xC0 | c >> 6);
    text += static_cast<char>(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    text += static_cast<char>(0xE0 | c >> 12);
    text += static_cast<char>(0x80 | (c >> 6 & 0x3F));
    text += static_cast<char>(0x80 | (c & 0x3F));
  } else {
    text += static_cast<char>(0xF0 | c >> 18);
    text += static_cast<char>(0x80 | (c >> 12 & 0x3F));
    text += static_cast<char>(0x80 | (c >> 6 & 0x3F));
    text += static_cast<char>(0x80 | (c & 0x3F));
  }
}

std::string listed(const std::vector<std::string>& names, std::size_t most) {
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), most); ++i) text += (i > 0 ? ", " : "") + names[i];
  return names.size() > most ? text + " and " + std::to_string(names.size() - most) + " more" : text;
}

namespace {

/// Letters changed, left out, added or exchanged with their neighbour between two texts.
std::size_t changes_between(const std::string& a, const std::string& b) {
  std::vector<std::vector<std::size_t>> d(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i)
    for (std::size_t j = 0; j <= b.size(); ++j) {
      if (i == 0 || j == 0) {
        d[i][j] = i + j;
        continue;
      }
      const std::size_t changed = d[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, changed});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
    }
  return d[a.size()][b.size()];
}

/// In lower case, z as s, doubled letters once: "lazo" and "lasso" are one.
std::string bare_spelling(std::string_view name) {
  std::string bare = fold_case(name);
  std::ranges::replace(bare, 'z', 's');
  bare.erase(std::unique(bare.begin(), bare.end()), bare.end());
  return bare;
}

}  // namespace

std::string nearest_name(std::string_view misspelt, const std::vector<std::string>& names) {
  constexpr std::size_t kLongest = 60;  // a longer one is no misspelt name
  const std::string wanted = bare_spelling(misspelt);
  std::string nearest;
  if (misspelt.size() > kLongest) return nearest;
  std::size_t fewest = misspelt.size() / 3 + 1;
  for (const auto& name : names)
    if (const std::size_t changes = changes_between(wanted, bare_spelling(name)); changes < fewest) {
      fewest = changes;
      nearest = name;
    }
  return nearest;
}

std::string meant(std::string_view misspelt, const std::vector<std::string>& names) {
  const std::string nearest = nearest_name(misspelt, names);
  return nearest.empty() ? "" : "is " + nearest + " meant?";
}

std::string suggestion(std::string_view misspelt, const std::vector<std::string>& names, const std::string& have) {
  const std::string near = meant(misspelt, names);
  return near + (near.empty() ? "" : " ") + have + ": " + listed(names);
}

}  // namespace gliocast
