#pragma once
// The head of Debian's mricron-data, which the build installs: a real T1 head that tests may read.
#include <gliocast/image/affine_map.hpp>
#include <gliocast/image/atlas.hpp>
#include <gliocast/imageio/read_volume.hpp>

namespace gliocast::test_support {

inline Volume<float> ch2_head() { return imageio::read_volume(image::find_atlas() / "ch2.nii.gz").volume; }

inline Mask ch2_brain() {
  const auto brain = imageio::read_volume(image::find_atlas() / "ch2bet.nii.gz").volume;
  Mask mask(brain.geometry);
  for (std::size_t i = 0; i < mask.voxels.size(); ++i) mask.voxels[i] = brain.voxels[i] > 0;
  return mask;
}

/// The image moved by its header alone: what lay at p lies at push(p).
inline void move_header(Volume<float>& image, const image::AffineMap& push) {
  const Geometry old = image.geometry;
  Geometry& g = image.geometry;
  g.origin_mm = push(old.origin_mm);
  for (std::size_t r = 0; r < 3; ++r)
    for (std::size_t c = 0; c < 3; ++c) {
      g.direction[3 * r + c] = 0;
      for (std::size_t j = 0; j < 3; ++j) g.direction[3 * r + c] += push.matrix[3 * r + j] * old.direction[3 * j + c];
    }
}

}  // namespace gliocast::test_support
