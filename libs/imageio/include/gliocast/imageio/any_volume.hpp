#pragma once
#include <gliocast/core/volume.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace gliocast::imageio {

/// A volume with the pixel type its file had.
using AnyVolume = std::variant<Volume<std::uint8_t>, Volume<std::int8_t>, Volume<std::uint16_t>, Volume<std::int16_t>,
                               Volume<std::uint32_t>, Volume<std::int32_t>, Volume<std::uint64_t>, Volume<std::int64_t>,
                               Volume<float>, Volume<double>>;

/// What a reader found: the voxels and remarks about a header that contradicts itself, in words for the user.
struct ImageFile {
  AnyVolume volume;
  std::vector<std::string> warnings;
  int dimensions = 3;  ///< 2: the file holds a plane; `volume` is then one slice, 1 mm thick, at z = 0
};

/// What a reader may take beyond one volume of a single value a voxel.
struct ReadOptions {
  std::optional<std::size_t>
      channel;  ///< of several values a voxel (overlapping masks), this one from 0; nothing: such a file is refused
  bool slice = false;       ///< an image of one slice is welcome, also a file of two dimensions
  bool itk_values = false;  ///< NaN and infinities of a NIfTI file become 0, with a warning, as ITK reads them
};

/// Where its voxels lie.
[[nodiscard]] const Geometry& geometry_of(const AnyVolume& volume) noexcept;
/// "uint8", "int16", "float32", …
[[nodiscard]] std::string_view pixel_type_name(const AnyVolume& volume) noexcept;

/// The voxels as float, rounded to nearest.
[[nodiscard]] Volume<float> to_float(const AnyVolume& volume);
/// The voxels as double; whole numbers beyond 2^53 are rounded.
[[nodiscard]] Volume<double> to_double(const AnyVolume& volume);
/// The voxels as labels. Values must be whole, ≥ 0 and < 2^32 (some masks are stored as float); throws
/// Error{UnusableInput} naming `name` otherwise.
[[nodiscard]] LabelVolume to_labels(const AnyVolume& volume, const std::string& name);

/// The labels of a mask file of which one is wanted: what cannot be a label (below 0, above 2^32 − 1, NaN, a broken
/// number) is background, and is told apart so that a message can say what the file holds instead.
struct FoundLabels {
  LabelVolume labels;
  std::size_t broken = 0, below_zero = 0, too_large = 0, not_a_number = 0;  ///< voxels that hold no label, by reason
  double example = 0;  ///< the first broken number; else the first value below 0 or too large

  /// "25 voxels hold broken numbers (0.5 …), 3 are not a number": empty where every voxel holds a label.
  [[nodiscard]] std::string others() const;
};
/// A float counts as the whole number that it equals to single precision (a scaled file's 0.99999994 is 1).
[[nodiscard]] FoundLabels find_labels(const AnyVolume& volume);

}  // namespace gliocast::imageio
