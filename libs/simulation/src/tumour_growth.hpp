#pragma once
#include <gliocast/core/geometry.hpp>

#include <cstddef>
#include <vector>

namespace gliocast::simulation {

/// Time at which a front that starts at `seeds` reaches each voxel, moving at `speed` voxels per unit of time (≤ 0:
/// never); stops after `voxels` voxels. Dijkstra over the 26 neighbours; unreached voxels are infinite. Returns the
/// arrival times; `last` gets the largest finite one.
[[nodiscard]] std::vector<float> grow_front(const Size3& size, const std::vector<float>& speed,
                                            const std::vector<std::size_t>& seeds, std::size_t voxels, float& last);

}  // namespace gliocast::simulation
