#pragma once
// The head of Debian's mricron-data, which the build installs: a real T1 head that tests may read.
#include <gliocast/image/atlas.hpp>
#include <gliocast/image/read_volume.hpp>

namespace gliocast::test_support {

inline Volume<float> ch2_head() { return image::read_volume(image::find_atlas() / "ch2.nii.gz").volume; }

inline Mask ch2_brain() {
  const auto brain = image::read_volume(image::find_atlas() / "ch2bet.nii.gz").volume;
  Mask mask(brain.geometry);
  for (std::size_t i = 0; i < mask.voxels.size(); ++i) mask.voxels[i] = brain.voxels[i] > 0;
  return mask;
}

}  // namespace gliocast::test_support
