#pragma once
#include <cstdint>

namespace gliocast::nn {

/// IEEE 754 half precision, round to nearest even, as weights and caches are stored.
[[nodiscard]] std::uint16_t float_to_half(float value) noexcept;
[[nodiscard]] float half_to_float(std::uint16_t bits) noexcept;

}  // namespace gliocast::nn
