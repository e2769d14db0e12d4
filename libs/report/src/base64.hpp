#pragma once
#include <cstddef>
#include <span>
#include <string>

namespace gliocast::report {
[[nodiscard]] std::string base64(std::span<const std::byte> bytes);
}
