#include <gliocast/report/png_image.hpp>

#include <gliocast/core/base64.hpp>
#include <gliocast/core/error.hpp>

#include <png.h>
#include <zlib.h>

#include <cmath>
#include <cstdint>
#include <cstring>

namespace gliocast::report {

std::vector<std::byte> encode_png(const RgbImage& image) {
  png_image png;
  std::memset(&png, 0, sizeof png);
  png.version = PNG_IMAGE_VERSION;
  png.width = static_cast<png_uint_32>(image.width);
  png.height = static_cast<png_uint_32>(image.height);
  png.format = PNG_FORMAT_RGB;
  png_alloc_size_t size = 0;
  if (!png_image_write_to_memory(&png, nullptr, &size, 0, image.pixels.data(), 0, nullptr))
    throw Error(ExitCode::InternalFault, std::string("PNG: ") + png.message);
  std::vector<std::byte> bytes(size);
  if (!png_image_write_to_memory(&png, bytes.data(), &size, 0, image.pixels.data(), 0, nullptr))
    throw Error(ExitCode::InternalFault, std::string("PNG: ") + png.message);
  bytes.resize(size);
  return bytes;
}

void set_png_resolution(std::vector<std::byte>& png, int dots_per_inch) {
  constexpr std::size_t kSignature = 8, kHeader = 25;  // the chunk IHDR, which comes first
  if (png.size() < kSignature + kHeader || png_sig_cmp(reinterpret_cast<png_const_bytep>(png.data()), 0, kSignature))
    throw Error(ExitCode::CannotWrite, "the figure that was drawn is no PNG");
  const auto dots_per_metre = static_cast<std::uint32_t>(std::lround(dots_per_inch / 0.0254));
  std::string chunk;
  const auto add = [&](std::uint32_t v) {
    for (const int shift : {24, 16, 8, 0}) chunk += static_cast<char>(v >> shift & 0xFF);
  };
  add(9);
  chunk += "pHYs";
  add(dots_per_metre);
  add(dots_per_metre);
  chunk += '\1';  // of metres
  add(static_cast<std::uint32_t>(
      crc32(0, reinterpret_cast<const Bytef*>(chunk.data()) + 4, static_cast<uInt>(chunk.size() - 4))));
  const auto* bytes = reinterpret_cast<const std::byte*>(chunk.data());
  png.insert(png.begin() + kSignature + kHeader, bytes, bytes + chunk.size());
}

std::string png_data_uri(const RgbImage& image) { return "data:image/png;base64," + base64(encode_png(image)); }

}  // namespace gliocast::report
