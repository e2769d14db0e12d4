#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace gliocast::report {

/// A picture of 8-bit red, green, blue, row by row from the top.
struct RgbImage {
  std::size_t width = 0, height = 0;
  std::vector<std::uint8_t> pixels;
  RgbImage() = default;
  RgbImage(std::size_t w, std::size_t h) : width(w), height(h), pixels(3 * w * h, 0) {}
  void set(std::size_t x, std::size_t y, std::array<std::uint8_t, 3> colour) noexcept {
    for (std::size_t c = 0; c < 3; ++c) pixels[3 * (y * width + x) + c] = colour[c];
  }
};

/// The bytes of a PNG file.
[[nodiscard]] std::vector<std::byte> encode_png(const RgbImage& image);

/// Says in a PNG file without a resolution (chunk pHYs) how large it is to be printed. Throws Error{CannotWrite} where
/// it is no PNG.
void set_png_resolution(std::vector<std::byte>& png, int dots_per_inch);

/// "data:image/png;base64,…" for a page that needs no other file.
[[nodiscard]] std::string png_data_uri(const RgbImage& image);

}  // namespace gliocast::report
