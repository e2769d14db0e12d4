#pragma once
// The letters of a series' name as its words are looked for in: folded, with the places where a word may begin or end.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gliocast::dicom {

/// What stands between two neighbouring letters.
enum class Border : std::uint8_t {
  None,   ///< one word
  Plane,  ///< after the name of a plane written together with the next word ("axt1")
  Soft,   ///< letters meet digits, small letters meet capitals; between any two letters of scripts without spaces
  Hard    ///< a separator
};

struct Letters {
  std::u32string folded;        ///< small letters without diacritics; separators as they are
  std::vector<Border> borders;  ///< one more than letters: borders[i] stands before letter i
};

/// At most 512 letters of UTF-8 text. Bytes that are none separate words.
[[nodiscard]] Letters letters_of(std::string_view text);

[[nodiscard]] bool is_digit(char32_t c);
/// Neither letter nor digit.
[[nodiscard]] bool is_separator(char32_t c);

}  // namespace gliocast::dicom
