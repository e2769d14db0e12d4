#pragma once
#include <string>
#include <string_view>

namespace gliocast {

struct TableText {
  std::string text;  ///< UTF-8 without a byte order mark and without NUL
  std::string note;  ///< the encoding, where it is not UTF-8; empty else
};

/// The text of a file's bytes: UTF-8, UTF-16 (by byte order mark or by its zero bytes), else Windows-1252.
/// Throws Error{UnusableInput} that names what the file is where it is no plain text.
[[nodiscard]] TableText decode_table_text(std::string_view bytes, const std::string& name);

}  // namespace gliocast
