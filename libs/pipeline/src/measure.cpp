#include <gliocast/pipeline/measure.hpp>

#include <gliocast/core/order_statistics.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <vector>

namespace gliocast::pipeline {
namespace {

/// Median and robust sd (interquartile range / 1.349) of the brain outside the tumour.
std::array<double, 2> robust_scale(const Volume<float>& image, const Mask& brain, const Mask& tumour) {
  std::vector<float> values;
  for (std::size_t i = 0; i < brain.voxels.size(); ++i)
    if (brain.voxels[i] && !tumour.voxels[i]) values.push_back(image.voxels[i]);
  if (values.size() < 1000) return {0, 0};
  const auto at = [&](double p) { return static_cast<double>(ranked(values, p)); };
  return {at(0.5), (at(0.75) - at(0.25)) / 1.349};
}

/// Mean over the 3×3×3 neighbours within the brain.
double smoothed(const Volume<float>& image, const Mask& brain, std::size_t x, std::size_t y, std::size_t z) {
  const Size3& n = image.geometry.size;
  double sum = 0, count = 0;
  for (std::size_t k = z > 0 ? z - 1 : 0; k < std::min(n[2], z + 2); ++k)
    for (std::size_t j = y > 0 ? y - 1 : 0; j < std::min(n[1], y + 2); ++j)
      for (std::size_t i = x > 0 ? x - 1 : 0; i < std::min(n[0], x + 2); ++i)
        if (brain.at(i, j, k)) sum += static_cast<double>(image.at(i, j, k)), ++count;
  return count > 0 ? sum / count : 0;
}

}  // namespace

Side tumour_side(const Mask& tumour, const Mask& brain) {
  const Size3& n = brain.geometry.size;
  const double middle = mean_index(brain)[0];
  double left = 0, all = 0;
  std::size_t k = 0;
  for (std::size_t z = 0; z < n[2]; ++z)
    for (std::size_t y = 0; y < n[1]; ++y)
      for (std::size_t x = 0; x < n[0]; ++x, ++k)
        if (tumour.voxels[k]) left += static_cast<double>(x) > middle, ++all;
  Side side;
  side.left_fraction = all > 0 ? left / all : 0;
  side.name = side.left_fraction > 0.7 ? "left" : side.left_fraction < 0.3 ? "right" : "both sides";
  return side;
}

Enhancement measure_enhancement(const std::map<Sequence, Volume<float>>& zscores, const Mask& tumour, const Mask& brain) {
  Enhancement e;
  e.verdict = "not measurable";
  const auto t1 = zscores.find(Sequence::T1), t1gd = zscores.find(Sequence::T1Gd);
  if (t1 == zscores.end() || t1gd == zscores.end()) {
    e.measurement = std::string("needs T1 and T1-Gd; ") + (t1 == zscores.end() ? "T1" : "T1-Gd") + " is missing";
    return e;
  }
  const double tumour_voxels = static_cast<double>(count(tumour));
  if (tumour_voxels == 0) {
    e.measurement = "no tumour was found";
    return e;
  }
  const auto a = robust_scale(t1->second, brain, tumour), b = robust_scale(t1gd->second, brain, tumour);
  if (!(a[1] > 0) || !(b[1] > 0)) {
    e.measurement = "too little normal brain to compare with";
    return e;
  }
  const Size3& n = brain.geometry.size;
  double voxels = 0;
  for (std::size_t z = 0; z < n[2]; ++z)
    for (std::size_t y = 0; y < n[1]; ++y)
      for (std::size_t x = 0; x < n[0]; ++x) {
        if (!tumour.at(x, y, z)) continue;
        const double plain = (smoothed(t1->second, brain, x, y, z) - a[0]) / a[1], contrast = (smoothed(t1gd->second, brain, x, y, z) - b[0]) / b[1];
        if (contrast - plain > kEnhancementThreshold) ++voxels;
      }
  e.volume_cm3 = voxels * brain.geometry.voxel_volume_mm3() / 1000;
  e.fraction = voxels / tumour_voxels;
  e.verdict = e.volume_cm3 >= kEnhancementVolumeCm3 ? "yes" : "no";
  char text[160];
  std::snprintf(text, sizeof text, "%.1f cm³ (%.0f %% of the tumour) brighter on T1-Gd than on T1; yes from %.1f cm³ on", e.volume_cm3, 100 * e.fraction, kEnhancementVolumeCm3);
  e.measurement = text;
  return e;
}

}  // namespace gliocast::pipeline
