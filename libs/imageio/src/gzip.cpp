#include <gliocast/imageio/gzip.hpp>

#include <gliocast/core/error.hpp>

#include <libdeflate.h>

#include <algorithm>
#include <cstdint>
#include <memory>

namespace gliocast::imageio {
namespace {

/// DEFLATE cannot expand by more: a larger claim in the trailer is a lie.
constexpr std::size_t kMaxExpansion = 1032;

std::size_t claimed_size(std::span<const std::byte> compressed) {
  std::uint32_t size = 0;  // the last four bytes, little endian: the size modulo 2^32 of the last member
  for (std::size_t i = 0; i < 4; ++i)
    size |= static_cast<std::uint32_t>(compressed[compressed.size() - 4 + i]) << (8 * i);
  return size;
}

}  // namespace

bool is_gzip(std::span<const std::byte> bytes) noexcept {
  return bytes.size() >= 2 && bytes[0] == std::byte{0x1F} && bytes[1] == std::byte{0x8B};
}

std::vector<std::byte> gunzip(std::span<const std::byte> compressed, const std::string& name, std::size_t max_bytes) {
  if (compressed.size() < 18) throw unusable_input("the gzip data is truncated", name);
  const std::unique_ptr<libdeflate_decompressor, decltype(&libdeflate_free_decompressor)> decompressor(
      libdeflate_alloc_decompressor(), &libdeflate_free_decompressor);
  if (!decompressor) throw Error(ExitCode::InternalFault, "out of memory", name);
  const std::size_t possible = std::min(max_bytes, compressed.size() * kMaxExpansion);
  std::vector<std::byte> out;
  std::size_t used = 0, filled = 0;
  std::size_t room = std::min(possible, std::max<std::size_t>(claimed_size(compressed), 1));
  while (used < compressed.size()) {
    const auto rest = compressed.subspan(used);
    if (used > 0 && !is_gzip(rest)) break;  // trailing padding, as gzip itself ignores it
    out.resize(std::max(out.size(), filled + room));
    std::size_t member_in = 0, member_out = 0;
    const auto result = libdeflate_gzip_decompress_ex(decompressor.get(), rest.data(), rest.size(), out.data() + filled,
                                                      out.size() - filled, &member_in, &member_out);
    if (result == LIBDEFLATE_INSUFFICIENT_SPACE) {
      if (filled + room >= possible)
        throw unusable_input("the gzip data expands to more than " + std::to_string(possible >> 20) + " MiB", name);
      room = std::min(possible - filled, std::max<std::size_t>(2 * room, 1 << 16));
      continue;
    }
    if (result != LIBDEFLATE_SUCCESS)
      throw unusable_input("the gzip data is truncated or damaged", name, "copy or download the file again");
    used += member_in;
    filled += member_out;
    room = std::clamp<std::size_t>(out.size() - filled, 1,
                                   std::max<std::size_t>(possible - std::min(possible, filled), 1));
  }
  out.resize(filled);
  return out;
}

std::vector<std::byte> inflate(std::span<const std::byte> compressed, std::size_t size, const std::string& name) {
  const auto truncated = [&] {
    return unusable_input("the compressed voxels are truncated or damaged", name, "copy or download the file again");
  };
  std::vector<std::byte> out;
  if (size > compressed.size() * kMaxExpansion) throw truncated();
  if (is_gzip(compressed)) {
    out = gunzip(compressed, name);
  } else {
    const std::unique_ptr<libdeflate_decompressor, decltype(&libdeflate_free_decompressor)> decompressor(
        libdeflate_alloc_decompressor(), &libdeflate_free_decompressor);
    if (!decompressor) throw Error(ExitCode::InternalFault, "out of memory", name);
    const std::size_t possible = std::min(kMaxImageBytes, compressed.size() * kMaxExpansion);
    std::size_t room = size, used = 0, made = 0;
    auto result = LIBDEFLATE_INSUFFICIENT_SPACE;
    for (bool more = true; more;) {  // a stream may hold more than the image: padding
      out.resize(room);
      result = libdeflate_zlib_decompress_ex(decompressor.get(), compressed.data(), compressed.size(), out.data(),
                                             out.size(), &used, &made);
      more = result == LIBDEFLATE_INSUFFICIENT_SPACE && room < possible;
      room = std::min(possible, 2 * room);
    }
    if (result != LIBDEFLATE_SUCCESS) throw truncated();
    out.resize(made);
  }
  if (out.size() < size) throw truncated();
  out.resize(size);
  return out;
}

std::vector<std::byte> gzip(std::span<const std::byte> bytes, int level) {
  const std::unique_ptr<libdeflate_compressor, decltype(&libdeflate_free_compressor)> compressor(
      libdeflate_alloc_compressor(level), &libdeflate_free_compressor);
  if (!compressor) throw Error(ExitCode::InternalFault, "out of memory");
  std::vector<std::byte> out(libdeflate_gzip_compress_bound(compressor.get(), bytes.size()));
  const std::size_t size =
      libdeflate_gzip_compress(compressor.get(), bytes.data(), bytes.size(), out.data(), out.size());
  if (size == 0) throw Error(ExitCode::InternalFault, "gzip compression failed");
  out.resize(size);
  return out;
}

}  // namespace gliocast::imageio
