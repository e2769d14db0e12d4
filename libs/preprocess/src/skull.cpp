#include "skull.hpp"

#include <gliocast/image/components.hpp>
#include <gliocast/image/distance.hpp>
#include <gliocast/image/resample.hpp>
#include <gliocast/image/smooth.hpp>

#include <algorithm>
#include <array>
#include <cmath>

namespace gliocast::preprocess {
namespace {

constexpr double kVoxelMm = 2;
constexpr std::size_t kMostWays = 6000;
constexpr std::size_t kDepthMm = 31;
// The dark layer's place below the surface, how far beyond it the inner signal may lie, and how dark it is beside the
// fainter of its neighbours.
constexpr std::size_t kNearestMm = 3, kFarthestMm = 16, kBeyondMm = 12;
constexpr double kDark = 0.5;
constexpr Size3 kAbout{8, 8, 8};  ///< voxels about the signal beyond which nothing changes its surface's directions

Mask signal_of(const Volume<float>& volume) {
  Mask mask(volume.geometry);
  for (std::size_t i = 0; i < mask.voxels.size(); ++i) mask.voxels[i] = volume.voxels[i] != 0;
  return image::fill_holes(image::keep_largest_components(mask, {.keep = 1, .min_volume_mm3 = 0, .min_fraction = 0}));
}

/// The value at a continuous index by linear interpolation, 0 outside.
double value_at(const Volume<float>& v, const Vec3& at) {
  double sum = 0;
  for (int corner = 0; corner < 8; ++corner) {
    Size3 i{};
    double weight = 1;
    for (std::size_t a = 0; a < 3; ++a) {
      const double low = std::floor(at[a]), t = at[a] - low, index = low + ((corner >> a) & 1);
      weight *= ((corner >> a) & 1) != 0 ? t : 1 - t;
      if (index < 0 || index >= static_cast<double>(v.geometry.size[a])) weight = 0;
      i[a] = weight > 0 ? static_cast<std::size_t>(index) : 0;
    }
    if (weight > 0) sum += weight * static_cast<double>(v.at(i[0], i[1], i[2]));
  }
  return sum;
}

/// Voxels of the mask beside voxels outside it, not at the volume's faces (where the field of view cuts, not the body).
std::vector<Size3> surface(const Mask& mask) {
  std::vector<Size3> out;
  const Size3& n = mask.geometry.size;
  for (std::size_t z = 1; z + 1 < n[2]; ++z)
    for (std::size_t y = 1; y + 1 < n[1]; ++y)
      for (std::size_t x = 1; x + 1 < n[0]; ++x) {
        if (!mask.at(x, y, z)) continue;
        const bool inside = mask.at(x - 1, y, z) && mask.at(x + 1, y, z) && mask.at(x, y - 1, z) &&
                            mask.at(x, y + 1, z) && mask.at(x, y, z - 1) && mask.at(x, y, z + 1);
        if (!inside) out.push_back({x, y, z});
      }
  return out;
}

/// Direction in which the distance to the outside grows, per mm along the image's axes; length 1, or 0 where flat.
Vec3 inwards(const Volume<float>& distance, const Size3& i) {
  Vec3 d{};
  double length = 0;
  for (std::size_t a = 0; a < 3; ++a) {
    Size3 low = i, high = i;
    --low[a];
    ++high[a];
    d[a] = static_cast<double>(distance.at(high[0], high[1], high[2]) - distance.at(low[0], low[1], low[2])) /
           (2 * distance.geometry.spacing_mm[a]);
    length += d[a] * d[a];
  }
  for (double& c : d) c /= std::max(std::sqrt(length), 1e-9);
  return d;
}

/// Whether the signal along a way inwards has a dark layer between two brighter ones.
bool crosses_skull(const std::array<double, kDepthMm>& signal) {
  const auto darkest = std::min_element(signal.begin() + kNearestMm, signal.begin() + kFarthestMm + 1);
  const auto end = darkest + std::min<std::ptrdiff_t>(kBeyondMm + 1, signal.end() - darkest);
  const double outside = *std::max_element(signal.begin(), darkest + 1), within = *std::max_element(darkest, end);
  return *darkest < kDark * std::min(outside, within);
}

}  // namespace

SignalShape measure_signal(const Volume<float>& volume) {
  auto coarse = image::shrink_to(volume, kVoxelMm);
  Mask mask = signal_of(coarse);
  if (const auto box = bounding_box(mask)) {
    const auto about = image::grown(*box, kAbout, mask.geometry.size);
    mask = image::crop(mask, about);
    coarse = image::crop(coarse, about);
  }
  const Geometry& g = coarse.geometry;
  SignalShape shape;
  shape.volume_cm3 = static_cast<double>(count(mask)) * g.voxel_volume_mm3() / 1000;
  const auto points = surface(mask);
  if (points.empty()) return shape;
  const auto distance = image::smooth_gaussian(image::signed_distance_mm(mask), kVoxelMm);
  const double middle = g.index_to_lps_mm(mean_index(mask))[2];
  const std::size_t stride = std::max<std::size_t>(1, points.size() / kMostWays);
  std::size_t ways = 0, crossing = 0;
  for (std::size_t k = 0; k < points.size(); k += stride) {
    const Vec3 start{static_cast<double>(points[k][0]), static_cast<double>(points[k][1]),
                     static_cast<double>(points[k][2])};
    if (g.index_to_lps_mm(start)[2] < middle) continue;  // face and neck have their own layers
    const Vec3 d = inwards(distance, points[k]);
    std::array<double, kDepthMm> signal{};
    for (std::size_t mm = 0; mm < kDepthMm; ++mm) {
      const auto depth = static_cast<double>(mm);
      Vec3 at = start;
      for (std::size_t a = 0; a < 3; ++a) at[a] += depth * d[a] / g.spacing_mm[a];
      signal[mm] = value_at(coarse, at);
    }
    ++ways;
    crossing += crosses_skull(signal);
  }
  if (ways > 0) shape.skull = static_cast<double>(crossing) / static_cast<double>(ways);
  return shape;
}

}  // namespace gliocast::preprocess
