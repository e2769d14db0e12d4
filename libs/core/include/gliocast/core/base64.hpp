#pragma once
#include <cstddef>
#include <span>
#include <string>

namespace gliocast {

/// Bytes as Base64 (RFC 4648, with padding), without line ends.
[[nodiscard]] std::string base64(std::span<const std::byte> bytes);

}  // namespace gliocast
