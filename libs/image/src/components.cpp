#include <gliocast/image/components.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <numeric>

namespace gliocast::image {
namespace {

struct Labelling {
  std::vector<std::uint32_t> label;  ///< 0 background, else 1 + component, in the order met
  std::vector<std::size_t> sizes;
};

/// Flood fill in scan order; `full` uses all 26 neighbours, else the 6 that share a face. `wanted` selects the voxels.
template <typename Predicate>
Labelling label_components(const Size3& size, bool full, Predicate wanted) {
  const auto nx = static_cast<std::ptrdiff_t>(size[0]), ny = static_cast<std::ptrdiff_t>(size[1]),
             nz = static_cast<std::ptrdiff_t>(size[2]);
  Labelling result{std::vector<std::uint32_t>(size[0] * size[1] * size[2], 0), {}};
  std::vector<std::size_t> stack;
  for (std::size_t seed = 0; seed < result.label.size(); ++seed) {
    if (result.label[seed] || !wanted(seed)) continue;
    const auto id = static_cast<std::uint32_t>(result.sizes.size() + 1);
    result.sizes.push_back(0);
    result.label[seed] = id;
    stack.assign(1, seed);
    while (!stack.empty()) {
      const std::size_t v = stack.back();
      stack.pop_back();
      ++result.sizes.back();
      const auto x = static_cast<std::ptrdiff_t>(v) % nx, y = static_cast<std::ptrdiff_t>(v) / nx % ny,
                 z = static_cast<std::ptrdiff_t>(v) / (nx * ny);
      for (int dz = -1; dz <= 1; ++dz)
        for (int dy = -1; dy <= 1; ++dy)
          for (int dx = -1; dx <= 1; ++dx) {
            if (!full && dx * dx + dy * dy + dz * dz != 1) continue;
            if (x + dx < 0 || y + dy < 0 || z + dz < 0 || x + dx >= nx || y + dy >= ny || z + dz >= nz) continue;
            const auto n = static_cast<std::size_t>(x + dx + nx * (y + dy + ny * (z + dz)));
            if (!result.label[n] && wanted(n)) {
              result.label[n] = id;
              stack.push_back(n);
            }
          }
    }
  }
  return result;
}

/// Calls `f` with the place in memory and the index of each voxel, x fastest.
template <typename F>
void for_each_voxel(const Size3& size, F f) {
  std::size_t i = 0;
  for (std::size_t z = 0; z < size[2]; ++z)
    for (std::size_t y = 0; y < size[1]; ++y)
      for (std::size_t x = 0; x < size[0]; ++x, ++i) f(i, Size3{x, y, z});
}

/// Whether a voxel of a box lies on one of its faces; a plane has none along the axis in which the `whole` is one
/// thick.
bool on_face(const Size3& p, const Size3& size, const Size3& whole) {
  for (std::size_t a = 0; a < 3; ++a)
    if (whole[a] > 1 && (p[a] == 0 || p[a] + 1 == size[a])) return true;
  return false;
}

}  // namespace

std::vector<std::size_t> component_sizes(const Mask& mask) {
  auto sizes = label_components(mask.geometry.size, true, [&](std::size_t i) { return mask.voxels[i] != 0; }).sizes;
  std::ranges::sort(sizes, std::greater<>());
  return sizes;
}

Mask keep_largest_components(const Mask& mask, const ComponentOptions& options) {
  const auto labelled = label_components(mask.geometry.size, true, [&](std::size_t i) { return mask.voxels[i] != 0; });
  std::vector<std::size_t> order(labelled.sizes.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, std::greater<>(), [&](std::size_t i) { return labelled.sizes[i]; });
  std::vector<std::uint8_t> kept(labelled.sizes.size() + 1, 0);
  const double floor_voxels = options.min_volume_mm3 / mask.geometry.voxel_volume_mm3();
  for (std::size_t rank = 0; rank < std::min(order.size(), options.keep); ++rank) {
    const auto n = static_cast<double>(labelled.sizes[order[rank]]);
    if (n >= floor_voxels && n >= options.min_fraction * static_cast<double>(labelled.sizes[order[0]]))
      kept[order[rank] + 1] = 1;
  }
  Mask out(mask.geometry);
  for (std::size_t i = 0; i < out.voxels.size(); ++i) out.voxels[i] = kept[labelled.label[i]];
  return out;
}

Mask fill_holes(const Mask& mask) {
  const auto box = bounding_box(mask);
  if (!box) return mask;
  // Beyond the box nothing is a hole, and what reaches its faces has a way out.
  Size3 size{};
  for (std::size_t a = 0; a < 3; ++a) size[a] = box->last[a] - box->first[a] + 1;
  std::vector<std::uint8_t> open(size[0] * size[1] * size[2]);  // 1: background, not reached from outside yet
  for_each_voxel(size, [&](std::size_t i, const Size3& p) {
    open[i] = mask.at(box->first[0] + p[0], box->first[1] + p[1], box->first[2] + p[2]) == 0;
  });
  std::vector<std::size_t> front;
  const auto reach = [&](std::size_t i) {
    if (!open[i]) return;
    open[i] = 0;
    front.push_back(i);
  };
  for_each_voxel(size, [&](std::size_t i, const Size3& p) {
    if (on_face(p, size, mask.geometry.size)) reach(i);
  });
  const std::array<std::size_t, 3> step{1, size[0], size[0] * size[1]};
  while (!front.empty()) {
    const std::size_t i = front.back();
    front.pop_back();
    for (std::size_t a = 0; a < 3; ++a) {
      const std::size_t at = i / step[a] % size[a];
      if (at > 0) reach(i - step[a]);
      if (at + 1 < size[a]) reach(i + step[a]);
    }
  }
  Mask out = mask;
  for_each_voxel(size, [&](std::size_t i, const Size3& p) {
    if (open[i]) out.at(box->first[0] + p[0], box->first[1] + p[1], box->first[2] + p[2]) = 1;
  });
  for (auto& v : out.voxels) v = v != 0;
  return out;
}

}  // namespace gliocast::image
