#pragma once
#include <cstdint>
#include <string>

namespace gliocast {

/// Appends the UTF-8 bytes of a code point.
void append_utf8(std::string& text, std::uint32_t c);

}  // namespace gliocast
