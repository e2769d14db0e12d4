#pragma once
#include <gliocast/core/volume.hpp>

namespace gliocast::image {

/// Gaussian smoothing with a standard deviation in mm (ITK's DiscreteGaussian, at most 33 taps an axis). 0 copies.
[[nodiscard]] Volume<float> smooth_gaussian(const Volume<float>& volume, double sigma_mm);

/// Means of blocks so that voxels come near `spacing_mm` along each axis and never far beyond; axes that are coarser
/// stay as they are.
[[nodiscard]] Volume<float> shrink_to(const Volume<float>& volume, double spacing_mm);

/// Integer factors that shrink_to uses.
[[nodiscard]] Size3 shrink_factors(const Geometry& geometry, double spacing_mm) noexcept;

}  // namespace gliocast::image
