#pragma once
#include <gliocast/core/volume.hpp>

#include <cstddef>
#include <vector>

namespace gliocast::image {

struct ComponentOptions {
  std::size_t keep = 3;         ///< at most this many, largest first
  double min_volume_mm3 = 200;  ///< smaller ones are dropped …
  double min_fraction = 0.05;   ///< … and those below this part of the largest one
};

/// Sizes in voxels of the 26-connected components of a mask, largest first.
[[nodiscard]] std::vector<std::size_t> component_sizes(const Mask& mask);

/// The largest 26-connected components that pass the options; ties in size go to the one met first (x fastest).
[[nodiscard]] Mask keep_largest_components(const Mask& mask, const ComponentOptions& options = {});

/// Fills background that cannot be reached from the volume's border by 6-connected steps; of a single plane, from its
/// edge by 4-connected ones.
[[nodiscard]] Mask fill_holes(const Mask& mask);

}  // namespace gliocast::image
