#include <gliocast/core/volume.hpp>

#include <algorithm>

namespace gliocast {

namespace {

/// Whether a row holds anything; without a branch a voxel, since most rows of most masks are empty.
bool any_in_row(const std::uint8_t* row, std::size_t n) {
  std::uint8_t found = 0;
  for (std::size_t x = 0; x < n; ++x) found = static_cast<std::uint8_t>(found | row[x]);
  return found != 0;
}

}  // namespace

std::optional<IndexBox> bounding_box(const Mask& mask) {
  const Size3& n = mask.geometry.size;
  IndexBox box{n, {0, 0, 0}};
  bool any = false;
  const std::uint8_t* row = mask.voxels.data();
  for (std::size_t z = 0; z < n[2]; ++z)
    for (std::size_t y = 0; y < n[1]; ++y, row += n[0]) {
      if (!any_in_row(row, n[0])) continue;
      any = true;
      for (std::size_t x = 0; x < n[0]; ++x) {
        if (!row[x]) continue;
        const Size3 p{x, y, z};
        for (std::size_t a = 0; a < 3; ++a) {
          box.first[a] = std::min(box.first[a], p[a]);
          box.last[a] = std::max(box.last[a], p[a]);
        }
      }
    }
  return any ? std::optional(box) : std::nullopt;
}

Vec3 mean_index(const Mask& mask) {
  const Size3& n = mask.geometry.size;
  Vec3 sum{0, 0, 0};
  double voxels = 0;
  const std::uint8_t* row = mask.voxels.data();
  for (std::size_t z = 0; z < n[2]; ++z)
    for (std::size_t y = 0; y < n[1]; ++y, row += n[0]) {
      if (!any_in_row(row, n[0])) continue;
      for (std::size_t x = 0; x < n[0]; ++x)
        if (row[x]) {
          sum[0] += static_cast<double>(x);
          sum[1] += static_cast<double>(y);
          sum[2] += static_cast<double>(z);
          ++voxels;
        }
    }
  for (double& v : sum) v /= std::max(voxels, 1.0);
  return sum;
}

}  // namespace gliocast
