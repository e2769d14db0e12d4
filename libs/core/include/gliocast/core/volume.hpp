#pragma once
#include <gliocast/core/geometry.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace gliocast {

/// A 3-D image: contiguous voxels, x fastest, and where they lie.
template <typename T>
struct Volume {
  Geometry geometry;
  std::vector<T> voxels;  ///< geometry.voxel_count() values

  Volume() = default;
  explicit Volume(const Geometry& g, T fill = T{}) : geometry(g), voxels(g.voxel_count(), fill) {}
  Volume(const Geometry& g, std::vector<T> values) : geometry(g), voxels(std::move(values)) {}

  /// Position in `voxels` of a voxel; it must lie within the size.
  [[nodiscard]] std::size_t index(std::size_t x, std::size_t y, std::size_t z) const noexcept {
    return x + geometry.size[0] * (y + geometry.size[1] * z);
  }
  [[nodiscard]] T& at(std::size_t x, std::size_t y, std::size_t z) noexcept { return voxels[index(x, y, z)]; }
  [[nodiscard]] const T& at(std::size_t x, std::size_t y, std::size_t z) const noexcept {
    return voxels[index(x, y, z)];
  }
};

using LabelVolume = Volume<std::uint32_t>;  ///< what a mask file holds
using Mask = Volume<std::uint8_t>;          ///< one label picked from it: 0 or 1

/// The voxels of `labels` that carry `label`, as 0/1.
[[nodiscard]] inline Mask pick_label(const LabelVolume& labels, std::uint32_t label) {
  Mask mask(labels.geometry);
  for (std::size_t i = 0; i < labels.voxels.size(); ++i) mask.voxels[i] = labels.voxels[i] == label;
  return mask;
}

/// The voxels of `labels` that carry any label > 0, as 0/1 (BraTS: the whole tumour).
[[nodiscard]] inline Mask any_label(const LabelVolume& labels) {
  Mask mask(labels.geometry);
  for (std::size_t i = 0; i < labels.voxels.size(); ++i) mask.voxels[i] = labels.voxels[i] > 0;
  return mask;
}

/// Number of voxels that are set.
[[nodiscard]] inline std::size_t count(const Mask& mask) noexcept {
  std::size_t n = 0;
  for (auto v : mask.voxels) n += v != 0;
  return n;
}

/// Keeps of a mask what lies in the other too; the grids are the same.
inline void keep_common(Mask& mask, const Mask& other) noexcept {
  for (std::size_t i = 0; i < mask.voxels.size(); ++i) mask.voxels[i] = mask.voxels[i] && other.voxels[i];
}

/// The values of `volume` where `mask` is set, in the order of memory.
template <typename T>
[[nodiscard]] std::vector<T> values_inside(const Volume<T>& volume, const Mask& mask) {
  std::vector<T> values;
  for (std::size_t i = 0; i < mask.voxels.size(); ++i)
    if (mask.voxels[i]) values.push_back(volume.voxels[i]);
  return values;
}

/// First and last index along each axis, both within.
struct IndexBox {
  Size3 first{}, last{};
};

/// The box that just holds the mask; nothing where the mask is empty.
[[nodiscard]] std::optional<IndexBox> bounding_box(const Mask& mask);

/// Mean index of the mask's voxels (unweighted); 0 where it is empty.
[[nodiscard]] Vec3 mean_index(const Mask& mask);

}  // namespace gliocast
