#pragma once
#include <gliocast/core/geometry.hpp>
#include <gliocast/core/random.hpp>

#include <vector>

namespace gliocast::simulation {

/// A random field of zero mean and unit variance that varies over about `scale` voxels: white noise on a lattice, cubic
/// B-spline in between. [z][y][x].
[[nodiscard]] std::vector<float> smooth_field(const Size3& size, double scale_voxels, Random& random);

}  // namespace gliocast::simulation
