#pragma once
#include <gliocast/core/volume.hpp>

namespace gliocast::image {

/// Signed distance in mm of each voxel centre to the nearest voxel centre of the other kind: > 0 inside the mask, < 0
/// outside (Maurer 2003, by ITK). An empty mask gives −1000 everywhere, a full one +1000.
[[nodiscard]] Volume<float> signed_distance_mm(const Mask& mask);

/// Morphology with a ball of `radius_mm`, by distances.
[[nodiscard]] Mask erode(const Mask& mask, double radius_mm);
[[nodiscard]] Mask dilate(const Mask& mask, double radius_mm);

}  // namespace gliocast::image
