#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace gliocast::report {

struct Character {
  char32_t code = 0xFFFD;
  std::size_t bytes = 1;
  bool valid = false;
};
/// The character at the start of UTF-8 `text` (not empty); U+FFFD of one byte where there is none.
[[nodiscard]] Character first_character(std::string_view text);

/// Text that any terminal of gnuplot can draw: valid UTF-8 (U+FFFD for what is not), blanks for control characters,
/// none at the ends, ’ for ' (gnuplot 5.4 misreads two doubled quotes in a row, as in the name age'' of a spline's
/// column).
[[nodiscard]] std::string drawable(std::string_view text);

/// Width of one line of UTF-8 text at a font size, in the unit of `size`. Advance widths of DejaVu Sans, which stands
/// in where Helvetica and Arial are not installed and is wider than both: what fits by it fits in either.
[[nodiscard]] double text_width(std::string_view text, double size);

/// Lines no wider than `width`: broken at blanks, within a word only where the word alone is too wide (after - / _
/// where there is one), and about equally long. At least one line.
[[nodiscard]] std::vector<std::string> wrap_text(std::string_view text, double size, double width);

/// Width of the widest line.
[[nodiscard]] double widest(const std::vector<std::string>& lines, double size);

}  // namespace gliocast::report
