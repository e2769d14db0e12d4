#include "raw_voxels.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/files.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/imageio/gzip.hpp>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <type_traits>

namespace gliocast::imageio {
namespace {

template <typename T>
AnyVolume decode(std::span<const std::byte> bytes, bool swap, const Geometry& geometry) {
  Volume<T> volume(geometry);
  std::memcpy(volume.voxels.data(), bytes.data(), volume.voxels.size() * sizeof(T));
  if (swap && sizeof(T) > 1)
    for (T& v : volume.voxels) {
      auto* b = reinterpret_cast<std::byte*>(&v);
      std::reverse(b, b + sizeof(T));
    }
  return volume;
}

template <typename To>
AnyVolume cast_voxels(const AnyVolume& volume, const std::string& name) {
  return std::visit(
      [&](const auto& v) -> AnyVolume {
        Volume<To> out(v.geometry);
        std::ranges::transform(v.voxels, out.voxels.begin(), [&](auto x) {
          const auto d = static_cast<double>(x);
          if (std::is_integral_v<To> && !(d >= static_cast<double>(std::numeric_limits<To>::min()) &&
                                          d < static_cast<double>(std::numeric_limits<To>::max()) + 1))
            throw unusable_input("a voxel holds " + shortest(d) + ", outside the range of the pixel type", name);
          return static_cast<To>(x);
        });
        return out;
      },
      volume);
}

/// Calls `f` with a value of the C++ type that `type` means.
template <typename F>
AnyVolume with_type(PixelType type, const std::string& name, F&& f) {
  switch (type) {
    case PixelType::UInt8:
      return f(std::uint8_t{});
    case PixelType::Int8:
      return f(std::int8_t{});
    case PixelType::UInt16:
      return f(std::uint16_t{});
    case PixelType::Int16:
      return f(std::int16_t{});
    case PixelType::UInt32:
      return f(std::uint32_t{});
    case PixelType::Int32:
      return f(std::int32_t{});
    case PixelType::UInt64:
      return f(std::uint64_t{});
    case PixelType::Int64:
      return f(std::int64_t{});
    case PixelType::Float32:
      return f(float{});
    case PixelType::Float64:
      return f(double{});
  }
  throw Error(ExitCode::InternalFault, "unknown pixel type", name);
}

}  // namespace

std::size_t size_of(PixelType type) noexcept {
  switch (type) {
    case PixelType::UInt8:
    case PixelType::Int8:
      return 1;
    case PixelType::UInt16:
    case PixelType::Int16:
      return 2;
    case PixelType::UInt32:
    case PixelType::Int32:
    case PixelType::Float32:
      return 4;
    default:
      return 8;
  }
}

std::size_t check_size(const Size3& size, const std::string& name, bool slice) {
  const std::string text = std::to_string(size[0]) + "×" + std::to_string(size[1]) + "×" + std::to_string(size[2]);
  std::size_t voxels = 1;
  for (const std::size_t n : size) {
    if (n == 0) throw unusable_input("the header claims a size of " + text + " voxels", name);
    if (n > kMaxImageBytes / voxels)
      throw unusable_input("the header claims " + text + " voxels, more than any MR image has", name,
                           "the header is damaged");
    voxels *= n;
  }
  if (voxels == 1) throw unusable_input("the image has a single voxel", name);
  if (std::ranges::count(size, std::size_t{1}) > (slice ? 1 : 0))
    throw unusable_input(slice ? "the image is a single line of voxels (" + text + "); a plane or a volume is needed"
                               : "the image is 2-D (" + text + " voxels); a volume is needed",
                         name);
  return voxels;
}

void warn_of_single_channel(const ReadOptions& options, std::vector<std::string>& warnings) {
  if (options.channel.value_or(0) > 0)
    warnings.push_back("has one value a voxel: channel " + std::to_string(*options.channel) +
                       " (label_channel) has no effect");
}

void flatten(Geometry& g, std::vector<std::string>& warnings) {
  const Mat3 d = g.direction;
  const double xx = d[0] * d[0] + d[3] * d[3], yy = d[1] * d[1] + d[4] * d[4], xy = d[0] * d[1] + d[3] * d[4];
  const bool within = std::abs(xx - 1) < 1e-3 && std::abs(yy - 1) < 1e-3 && std::abs(xy) < 1e-3;
  if (!within)
    warnings.emplace_back("the axes of the two-dimensional image leave its plane; they are taken along x and y");
  g.direction = within ? Mat3{d[0], d[1], 0, d[3], d[4], 0, 0, 0, 1} : Mat3{1, 0, 0, 0, 1, 0, 0, 0, 1};
  g.size[2] = 1;
  g.spacing_mm[2] = 1;
  g.origin_mm[2] = 0;
}

void check_geometry(const Geometry& g, const std::string& name) {
  for (const double s : g.spacing_mm)
    if (!(s > 0) || !std::isfinite(s))
      throw unusable_input("the voxel spacing in the header is not a positive number", name);
  for (const double o : g.origin_mm)
    if (!std::isfinite(o)) throw unusable_input("the origin in the header is not a number", name);
  for (std::size_t a = 0; a < 3; ++a)
    for (std::size_t b = 0; b < 3; ++b) {
      double dot = 0;
      for (std::size_t r = 0; r < 3; ++r) dot += g.direction[3 * r + a] * g.direction[3 * r + b];
      if (!(std::abs(dot - (a == b ? 1.0 : 0.0)) < 1e-3))
        throw unusable_input("the image axes in the header are not at right angles", name,
                             "resample the image to an orthogonal grid");
    }
}

AnyVolume decode_voxels(std::span<const std::byte> bytes, PixelType type, bool swap, const Geometry& geometry,
                        const std::string& name) {
  const std::size_t needed = check_size(geometry.size, name, true) * size_of(type);
  if (bytes.size() < needed)
    throw unusable_input("the file is truncated: " + std::to_string(bytes.size()) + " of " + std::to_string(needed) +
                             " bytes of voxels are there",
                         name);
  return with_type(type, name, [&]<typename T>(T) { return decode<T>(bytes, swap, geometry); });
}

AnyVolume as_type(const AnyVolume& volume, PixelType type, const std::string& name) {
  return with_type(type, name, [&]<typename T>(T) { return cast_voxels<T>(volume, name); });
}

AnyVolume rescale(const AnyVolume& volume, double slope, double intercept) {
  return std::visit(
      [&](const auto& v) -> AnyVolume {
        using T = typename std::decay_t<decltype(v)>;
        if constexpr (std::is_same_v<T, Volume<double>>) {
          Volume<double> out(v.geometry);
          std::ranges::transform(v.voxels, out.voxels.begin(), [&](double x) { return x * slope + intercept; });
          return out;
        } else {
          Volume<float> out(v.geometry);
          std::ranges::transform(v.voxels, out.voxels.begin(), [&](auto x) {
            return static_cast<float>(static_cast<double>(x) * slope + intercept);
          });
          return out;
        }
      },
      volume);
}

std::vector<std::byte> pick_channel(std::span<const std::byte> bytes, std::size_t channel, std::size_t channels,
                                    bool interleaved, std::size_t voxels, std::size_t voxel_bytes,
                                    const std::string& name) {
  if (channel >= channels)
    throw unusable_input("has " + std::to_string(channels) + (channels == 1 ? " channel" : " channels") + ", channel " +
                             std::to_string(channel) + " was asked for (from 0)",
                         name);
  if (bytes.size() / voxel_bytes / channels < voxels)
    throw unusable_input("the file is truncated: it has fewer voxels than its header says", name);
  std::vector<std::byte> out(voxels * voxel_bytes);
  for (std::size_t i = 0; i < voxels; ++i)
    std::memcpy(&out[i * voxel_bytes],
                &bytes[(interleaved ? i * channels + channel : channel * voxels + i) * voxel_bytes], voxel_bytes);
  return out;
}

}  // namespace gliocast::imageio
