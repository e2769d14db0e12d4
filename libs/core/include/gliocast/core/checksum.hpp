#pragma once
#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

namespace gliocast {

/// SHA-256 of bytes or of a file, as 64 lower-case hexadecimal digits. The file form throws Error{UnusableInput} where
/// it cannot be read.
[[nodiscard]] std::string sha256(std::span<const std::byte> bytes);
[[nodiscard]] std::string sha256(std::string_view text);
/// SHA-1 as 40 digits: what SimpleITK names images by. Not for security.
[[nodiscard]] std::string sha1(std::span<const std::byte> bytes);
[[nodiscard]] std::string sha256_file(const std::filesystem::path& path);

}  // namespace gliocast
