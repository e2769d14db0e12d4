#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gliocast {

/// UTF-8 text for comparison without regard to case: lower case of Latin (with the letters of Western, Central and
/// Northern European languages), Greek and Cyrillic letters as Unicode's CaseFolding.txt folds them (ß as ss), and a
/// letter followed by a combining mark as the one composed letter. Other letters, and bytes that are no UTF-8, stay.
[[nodiscard]] std::string fold_case(std::string_view text);

/// The text without blanks around it: ASCII blanks, Unicode's blanks of any width, byte order marks.
[[nodiscard]] std::string_view trimmed(std::string_view text);
/// The text with Unicode's blanks as plain ones and without zero-width ones.
[[nodiscard]] std::string plain_blanks(std::string_view text);

/// "a, b, c": names for a sentence; of more than `most` the first ones, "a, b and 4 more".
[[nodiscard]] std::string listed(const std::vector<std::string>& names, std::size_t most = SIZE_MAX);

/// The name that a misspelt one most likely means: of the fewest letters changed, left out, added or exchanged with
/// their neighbour, case, z for s and doubled letters aside, and no more than a third of them; empty where there is
/// none. Source: Damerau 1964.
[[nodiscard]] std::string nearest_name(std::string_view misspelt, const std::vector<std::string>& names);

/// "is lasso meant?", or nothing where no name is near.
[[nodiscard]] std::string meant(std::string_view misspelt, const std::vector<std::string>& names);

/// "is lasso meant? there are: forest, lasso": what to do about a name that is not among those; `have`: "there are".
[[nodiscard]] std::string suggestion(std::string_view misspelt, const std::vector<std::string>& names,
                                     const std::string& have);

inline constexpr std::uint32_t kNoCodePoint = 0xFFFFFFFF;

/// A code point and the bytes it takes.
struct CodePoint {
  std::uint32_t value;
  std::size_t length;
};

/// The code point at the start of a text that is not empty; a byte that begins none stands for itself, as kNoCodePoint.
[[nodiscard]] CodePoint first_code_point(std::string_view text);

/// Appends the UTF-8 bytes of a code point.
void append_utf8(std::string& text, std::uint32_t c);

}  // namespace gliocast
