#include "text_metrics.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace gliocast::report {
namespace {

/// Advance widths from U+0020 to U+007E in thousandths of the size.
constexpr std::array<std::uint16_t, 95> kAscii{
    318, 401, 460, 838, 636, 950, 780, 275, 390, 390, 500, 838, 318, 361,  318, 337, 636, 636, 636,
    636, 636, 636, 636, 636, 636, 636, 337, 337, 838, 838, 838, 531, 1000, 684, 686, 698, 770, 632,
    575, 775, 752, 295, 295, 656, 557, 863, 748, 787, 603, 787, 695, 635,  611, 732, 684, 989, 685,
    611, 685, 390, 337, 390, 838, 500, 500, 613, 635, 550, 635, 615, 352,  635, 634, 278, 278, 579,
    278, 974, 634, 612, 635, 635, 411, 521, 392, 634, 592, 818, 592, 592,  525, 636, 337, 636, 838};
double advance(char32_t c) {
  if (c >= 0x20 && c < 0x7F) return kAscii[c - 0x20];
  if (c >= 0x300 && c < 0x370) return 0;  // combining marks
  if (c < 0x530) return c == 0xA0 ? 318 : c >= 0x400 ? 780 : 700;
  const bool wide = (c >= 0x1100 && c < 0x1200) || (c >= 0x2E80 && c < 0xD7B0) || (c >= 0xF900 && c < 0xFB00) ||
                    (c >= 0xFE30 && c < 0xFE70) || (c >= 0xFF00 && c < 0xFF61) || c >= 0x1F000;
  return wide ? 1000 : c >= 0x2000 && c < 0x2010 ? 500 : 900;
}

void append(std::string& text, std::string_view piece) { text.append(piece.data(), piece.size()); }

/// How many bytes of a word fit: up to the last - / _ that fits, else to the last character; at least one character.
std::size_t fitting_part(std::string_view word, double size, double width) {
  std::size_t last = 0, last_break = 0;
  for (std::size_t i = 0; i < word.size();) {
    const auto c = first_character(word.substr(i));
    if (i > 0 && text_width(word.substr(0, i + c.bytes), size) > width) break;
    i += c.bytes;
    last = i;
    if (c.code == U'-' || c.code == U'/' || c.code == U'_') last_break = i;
  }
  return last_break > 0 && last < word.size() ? last_break : last;
}

/// Each line as full as it goes.
std::vector<std::string> fill_lines(const std::string& clean, double size, double width) {
  std::vector<std::string> lines;
  std::string line;
  for (std::size_t at = 0; at < clean.size();) {
    const std::size_t start = std::min(clean.find_first_not_of(' ', at), clean.size());
    const std::size_t end = std::min(clean.find(' ', start), clean.size());
    std::string_view word = std::string_view(clean).substr(start, end - start);
    at = end;
    if (!line.empty() && text_width(line, size) + text_width(" ", size) + text_width(word, size) <= width) {
      line += ' ';
      append(line, word);
      continue;
    }
    if (!line.empty()) lines.push_back(std::move(line));
    while (text_width(word, size) > width) {
      const std::size_t part = fitting_part(word, size, width);
      if (part >= word.size()) break;
      lines.emplace_back(word.substr(0, part));
      word.remove_prefix(part);
    }
    line = word;
  }
  if (!line.empty() || lines.empty()) lines.push_back(std::move(line));
  return lines;
}

}  // namespace

Character first_character(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char b = byte(0);
  if (b < 0x80) return {b, 1, true};
  const std::size_t n = b >= 0xF0 && b < 0xF5 ? 4 : b >= 0xE0 && b < 0xF0 ? 3 : b >= 0xC2 && b < 0xE0 ? 2 : 0;
  if (n == 0 || text.size() < n) return {};
  char32_t code = b & (0xFFu >> (n + 1));
  for (std::size_t i = 1; i < n; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return {};
    code = code << 6 | (byte(i) & 0x3Fu);
  }
  constexpr std::array<char32_t, 5> least{0, 0, 0x80, 0x800, 0x10000};
  // What XML cannot hold is no text either.
  if (code < least[n] || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000) || code == 0xFFFE || code == 0xFFFF)
    return {};
  if (code >= 0x80 && code < 0xA0) return {U' ', n, true};
  return {code, n, true};
}

std::string drawable(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size();) {
    const auto c = first_character(text.substr(i));
    if (!c.valid)
      append(result, "\uFFFD");
    else if (c.code < 32 || c.code == 127 || (c.code == U' ' && c.bytes > 1))
      result += ' ';
    else if (c.code == U'\'')
      append(result, "’");
    else
      append(result, text.substr(i, c.bytes));
    i += c.bytes;
  }
  const auto first = result.find_first_not_of(' ');
  return first == std::string::npos ? std::string() : result.substr(first, result.find_last_not_of(' ') + 1 - first);
}

double text_width(std::string_view text, double size) {
  double sum = 0;
  for (std::size_t i = 0; i < text.size();) {
    const auto c = first_character(text.substr(i));
    sum += advance(c.code);
    i += c.bytes;
  }
  return sum / 1000 * size;
}

std::vector<std::string> wrap_text(std::string_view text, double size, double width) {
  const std::string clean = drawable(text);
  auto lines = fill_lines(clean, size, width);
  double word = 0;
  for (std::size_t at = 0; at < clean.size();) {
    const std::size_t end = std::min(clean.find(' ', at), clean.size());
    word = std::max(word, text_width(std::string_view(clean).substr(at, end - at), size));
    at = end + 1;
  }
  // Narrower as long as it takes no more lines and breaks no word: no single word is left for the last line.
  for (double w = 0.96 * width; lines.size() > 1 && w > std::max(word, width / 2); w *= 0.96) {
    auto narrower = fill_lines(clean, size, w);
    if (narrower.size() > lines.size()) break;
    lines = std::move(narrower);
  }
  return lines;
}

double widest(const std::vector<std::string>& lines, double size) {
  double width = 0;
  for (const auto& line : lines) width = std::max(width, text_width(line, size));
  return width;
}

}  // namespace gliocast::report
