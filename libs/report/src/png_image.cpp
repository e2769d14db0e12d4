#include <gliocast/report/png_image.hpp>

#include <gliocast/core/base64.hpp>
#include <gliocast/core/error.hpp>

#include <png.h>

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

std::string png_data_uri(const RgbImage& image) { return "data:image/png;base64," + base64(encode_png(image)); }

}  // namespace gliocast::report
