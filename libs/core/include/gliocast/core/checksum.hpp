#pragma once
#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

namespace gliocast {

/// SHA-256 (FIPS 180-4) as 64 lower-case hexadecimal digits.
[[nodiscard]] std::string sha256(std::span<const std::byte> bytes);
/// The same of a text's bytes.
[[nodiscard]] std::string sha256(std::string_view text);
/// SHA-1 as 40 digits: what SimpleITK names images by. Not for security.
[[nodiscard]] std::string sha1(std::span<const std::byte> bytes);
/// SHA-256 of a file. Throws Error{UnusableInput} where it cannot be read.
[[nodiscard]] std::string sha256_file(const std::filesystem::path& path);

}  // namespace gliocast
