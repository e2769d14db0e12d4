#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace gliocast {

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
