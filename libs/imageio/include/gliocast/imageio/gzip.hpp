#pragma once
#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace gliocast::imageio {

/// Largest decompressed image accepted: no MR volume comes near it, a decompression bomb does.
inline constexpr std::size_t kMaxImageBytes = std::size_t{4} << 30;

/// Whether bytes begin as gzip does (RFC 1952).
[[nodiscard]] bool is_gzip(std::span<const std::byte> bytes) noexcept;

/// Decompresses gzip, also of several members. Memory is bounded by what the compressed size can hold and by
/// `max_bytes`. Throws Error{UnusableInput} with `name` where the data is truncated, damaged or larger.
[[nodiscard]] std::vector<std::byte> gunzip(std::span<const std::byte> compressed, const std::string& name,
                                            std::size_t max_bytes = kMaxImageBytes);

/// Decompresses a zlib (or gzip) stream to its first `size` bytes. Memory is bounded by what the compressed size can
/// hold. Throws Error{UnusableInput} with `name` where the data is damaged or holds fewer.
[[nodiscard]] std::vector<std::byte> inflate(std::span<const std::byte> compressed, std::size_t size,
                                             const std::string& name);

/// Compresses to one gzip member without time stamp or name: the same bytes for the same input. Level 1 (fast) … 12
/// (small).
[[nodiscard]] std::vector<std::byte> gzip(std::span<const std::byte> bytes, int level = 6);

}  // namespace gliocast::imageio
