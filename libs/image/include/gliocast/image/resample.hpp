#pragma once
#include <gliocast/core/volume.hpp>
#include <gliocast/image/affine_map.hpp>

#include <algorithm>
#include <cstddef>

namespace gliocast::image {

enum class Interpolation { Nearest, Linear, BSpline };

/// Samples `source` at the voxel centres of `target` (ITK). Points outside the source get `outside`. BSpline is of
/// order 3. The result does not depend on the number of threads.
[[nodiscard]] Volume<float> resample(const Volume<float>& source, const Geometry& target, Interpolation how,
                                     float outside = 0, const AffineMap& map = {});
/// Nearest neighbour, for labels and masks.
[[nodiscard]] LabelVolume resample_labels(const LabelVolume& source, const Geometry& target);
[[nodiscard]] Mask resample_mask(const Mask& source, const Geometry& target, const AffineMap& map = {});
/// The voxels of `target` whose centres, taken through `map`, lie within the voxels of `source`: where it has data.
[[nodiscard]] Mask field_of_view(const Geometry& source, const Geometry& target, const AffineMap& map = {});
/// Linear interpolation of the mask as 0 and 1, cut at one half, where the nearest neighbour decides: smoother outlines
/// on finer grids than the nearest neighbour's.
[[nodiscard]] Mask resample_mask_linear(const Mask& source, const Geometry& target, const AffineMap& map = {});

/// The volume with voxels of `value` added before and after each axis.
[[nodiscard]] Volume<float> pad(const Volume<float>& volume, const Size3& before, const Size3& after, float value = 0);
/// The box and `margin` voxels more on each side where the grid has them.
[[nodiscard]] IndexBox grown(const IndexBox& box, const Size3& margin, const Size3& size);
/// What the volume holds in a box of its own voxels, at the same place in space.
template <typename T>
[[nodiscard]] Volume<T> crop(const Volume<T>& volume, const IndexBox& box) {
  Geometry g = volume.geometry;
  Vec3 first{};
  for (std::size_t a = 0; a < 3; ++a) {
    first[a] = static_cast<double>(box.first[a]);
    g.size[a] = box.last[a] - box.first[a] + 1;
  }
  g.origin_mm = g.index_to_lps_mm(first);
  Volume<T> out(g);
  for (std::size_t z = 0; z < g.size[2]; ++z)
    for (std::size_t y = 0; y < g.size[1]; ++y)
      std::copy_n(&volume.at(box.first[0], box.first[1] + y, box.first[2] + z), g.size[0], &out.at(0, y, z));
  return out;
}
/// The grid of blocks of factor³ voxels: sizes rounded up, centres in the blocks' middle.
[[nodiscard]] Geometry coarser(const Geometry& geometry, std::size_t factor);
/// Means of blocks of factor³ voxels; sizes are rounded up, missing voxels at the end count as 0. The grid stays
/// centred on the same blocks.
[[nodiscard]] Volume<float> downsample_mean(const Volume<float>& source, std::size_t factor);
/// The commonest label > 0 where labels fill at least half of a block, else 0; ties go to the smaller label.
[[nodiscard]] LabelVolume downsample_labels(const LabelVolume& source, std::size_t factor);

/// Number of threads ITK filters may use in this process (0 = all); call it before the first filter. It can be raised
/// later, not lowered. Results do not depend on it: work units are fixed.
void set_image_threads(std::size_t threads);

}  // namespace gliocast::image
