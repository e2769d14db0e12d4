#pragma once
#include <cstddef>
#include <span>
#include <string_view>

namespace gliocast::radiomics {

/// Decomposition filters of a wavelet, low pass then high pass, each of `length` coefficients.
struct Wavelet {
  std::string_view name;
  std::size_t first = 0, length = 0;  ///< in the table
  [[nodiscard]] std::span<const double> low() const;
  [[nodiscard]] std::span<const double> high() const;
};

/// A discrete wavelet by PyWavelets' name; nullptr where there is none.
[[nodiscard]] const Wavelet* find_wavelet(std::string_view name);

}  // namespace gliocast::radiomics
