#pragma once
#include <gliocast/core/volume.hpp>

namespace gliocast::image {

struct WorkingGridOptions {
  double spacing_mm = 1;  ///< isotropic
  double margin_mm = 5;   ///< around the brain
};

/// The working grid: isotropic, axes along LPS, covering the brain and a margin, in the physical space of `brain`.
/// Where the reference is itself 1 mm and axis-aligned, voxel centres coincide with its own, so that nothing is
/// interpolated. Throws Error{UnusableInput} where the mask is empty.
[[nodiscard]] Geometry working_grid(const Mask& brain, const WorkingGridOptions& options = {});

/// The geometry without the last digits of its header, in which programs differ when they write one image: spacing and
/// directions to 1e-4 (directions made orthonormal again), origin to 0.02 mm. No voxel moves by more than some
/// hundredths of a millimetre.
[[nodiscard]] Geometry without_last_digits(const Geometry& geometry);

}  // namespace gliocast::image
