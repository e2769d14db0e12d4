#pragma once
#include <gliocast/core/geometry.hpp>
#include <gliocast/core/random.hpp>

#include <vector>

namespace gliocast::simulation {

/// A random field of zero mean and unit variance that varies over about `scale_mm`: white noise on a lattice, cubic
/// B-spline in between. [z][y][x]; of a grid with equal spacings.
[[nodiscard]] std::vector<float> smooth_field(const Geometry& grid, double scale_mm, Random& random);

}  // namespace gliocast::simulation
