#pragma once
#include <gliocast/core/volume.hpp>

#include <cstddef>

namespace gliocast::preprocess {

struct BiasFieldOptions {
  double spacing_mm = 4;        ///< the field is estimated on voxels of about this size and applied at full resolution
  unsigned levels = 4;          ///< of the B-spline lattice, each twice as fine
  unsigned iterations = 50;     ///< at most, a level
  double convergence = 0.001;   ///< coefficient of variation between iterations
  unsigned control_points = 4;  ///< of the coarsest lattice along each axis
};

struct BiasField {
  Volume<float> corrected;  ///< image / field, the same grid
  Volume<float> field;      ///< on the coarse grid, geometric mean 1 over the head
  double range = 1;         ///< 99th over 1st percentile of the field in the head
};

/// N4 bias field correction (Tustison 2010; the field of ITK's, on a regular grid) within `head`. Signals ≤ 0 take no
/// part. Results do not depend on the number of threads.
[[nodiscard]] BiasField correct_bias_field(const Volume<float>& image, const Mask& head,
                                           const BiasFieldOptions& options = {});

}  // namespace gliocast::preprocess
