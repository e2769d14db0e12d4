#pragma once
#include <gliocast/imageio/any_volume.hpp>

#include <cstddef>
#include <span>
#include <string>

namespace gliocast::imageio {

enum class PixelType { UInt8, Int8, UInt16, Int16, UInt32, Int32, UInt64, Int64, Float32, Float64 };
[[nodiscard]] std::size_t size_of(PixelType type) noexcept;

/// Sizes of an image that a header claims, checked: 3-D, more than one voxel along each axis (unless a slice is
/// welcome), small enough to exist. Throws Error{UnusableInput} with `name`. Returns the number of voxels.
[[nodiscard]] std::size_t check_size(const Size3& size, const std::string& name, bool slice = false);
inline constexpr std::size_t kMostChannels = std::size_t{1} << 16;
/// One of `channels` values a voxel; `interleaved`: the values of a voxel lie together, else each channel is a volume
/// of its own. Throws Error{UnusableInput} where there are fewer.
[[nodiscard]] std::vector<std::byte> pick_channel(std::span<const std::byte> bytes, std::size_t channel,
                                                  std::size_t channels, bool interleaved, std::size_t voxels,
                                                  std::size_t voxel_bytes, const std::string& name);
/// Channel `channel` of a file with one value a voxel: the value itself, as PyRadiomics takes it, with a warning.
void warn_of_single_channel(const ReadOptions& options, std::vector<std::string>& warnings);
/// Makes a plane's grid of one that was read as a volume's: one slice at z = 0, 1 mm thick, axes within x and y (those
/// of the patient with a warning, where the file's leave the plane). As ITK reads images of two dimensions.
void flatten(Geometry& geometry, std::vector<std::string>& warnings);
/// Spacing finite and > 0, direction regular and orthonormal to 1e-3, origin finite.
void check_geometry(const Geometry& geometry, const std::string& name);

/// Copies the voxels of `geometry` out of `bytes` (at least as many as needed, or Error{UnusableInput}), swapping bytes
/// where asked.
[[nodiscard]] AnyVolume decode_voxels(std::span<const std::byte> bytes, PixelType type, bool swap,
                                      const Geometry& geometry, const std::string& name);

/// The values cast to another type, as C++ casts them; Error{UnusableInput} where one is outside its range.
[[nodiscard]] AnyVolume as_type(const AnyVolume& volume, PixelType type, const std::string& name);

/// value · slope + intercept: float for integers up to 32 bits and for float, double for double.
[[nodiscard]] AnyVolume rescale(const AnyVolume& volume, double slope, double intercept);

}  // namespace gliocast::imageio
