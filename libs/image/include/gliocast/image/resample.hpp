#pragma once
#include <gliocast/core/volume.hpp>

#include <array>

namespace gliocast::image {

enum class Interpolation { Nearest, Linear, BSpline };

/// A rigid or affine map of LPS positions in mm: p ↦ matrix · p + translation. It takes a point of the target to where it lies in the source.
struct AffineMap {
  Mat3 matrix{1, 0, 0, 0, 1, 0, 0, 0, 1};
  Vec3 translation_mm{0, 0, 0};
};

/// Samples `source` at the voxel centres of `target` (ITK). Points outside the source get `outside`. BSpline is of order 3.
/// The result does not depend on the number of threads.
[[nodiscard]] Volume<float> resample(const Volume<float>& source, const Geometry& target, Interpolation how, float outside = 0, const AffineMap& map = {});
/// Nearest neighbour, for labels and masks.
[[nodiscard]] LabelVolume resample_labels(const LabelVolume& source, const Geometry& target);
[[nodiscard]] Mask resample_mask(const Mask& source, const Geometry& target);

/// Means of blocks of factor³ voxels; sizes are rounded up, missing voxels at the end count as 0. The grid stays centred on the same blocks.
[[nodiscard]] Volume<float> downsample_mean(const Volume<float>& source, std::size_t factor);
/// The commonest label > 0 where labels fill at least half of a block, else 0; ties go to the smaller label.
[[nodiscard]] LabelVolume downsample_labels(const LabelVolume& source, std::size_t factor);

/// Number of threads ITK filters may use in this process (0 = all). Results do not depend on it: work units are fixed.
void set_image_threads(std::size_t threads);

}  // namespace gliocast::image
