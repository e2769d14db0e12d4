#include <gliocast/core/volume.hpp>

#include <algorithm>

namespace gliocast {

std::optional<IndexBox> bounding_box(const Mask& mask) {
  const Size3& n = mask.geometry.size;
  IndexBox box{n, {0, 0, 0}};
  bool any = false;
  std::size_t i = 0;
  for (std::size_t z = 0; z < n[2]; ++z)
    for (std::size_t y = 0; y < n[1]; ++y)
      for (std::size_t x = 0; x < n[0]; ++x, ++i) {
        if (!mask.voxels[i]) continue;
        any = true;
        const Size3 p{x, y, z};
        for (std::size_t a = 0; a < 3; ++a) box.first[a] = std::min(box.first[a], p[a]), box.last[a] = std::max(box.last[a], p[a]);
      }
  return any ? std::optional(box) : std::nullopt;
}

Vec3 mean_index(const Mask& mask) {
  const Size3& n = mask.geometry.size;
  Vec3 sum{0, 0, 0};
  double voxels = 0;
  std::size_t i = 0;
  for (std::size_t z = 0; z < n[2]; ++z)
    for (std::size_t y = 0; y < n[1]; ++y)
      for (std::size_t x = 0; x < n[0]; ++x, ++i)
        if (mask.voxels[i]) sum[0] += static_cast<double>(x), sum[1] += static_cast<double>(y), sum[2] += static_cast<double>(z), ++voxels;
  for (double& v : sum) v /= std::max(voxels, 1.0);
  return sum;
}

}  // namespace gliocast
