#include <gliocast/pipeline/measure.hpp>

#include <gliocast/core/quantile.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <vector>

namespace gliocast::pipeline {
namespace {

/// White matter of the hemisphere that holds less of the tumour.
Mask contralateral_white_matter(const Volume<float>& t1, const Mask& brain, const Mask& tumour) {
  const bool left = tumour_side(tumour, brain).left_fraction > 0.5;  // x grows to the left
  const double middle = mean_index(brain)[0];
  Mask half(brain.geometry);
  for (std::size_t i = 0; i < half.voxels.size(); ++i) {
    const auto x = static_cast<double>(i % brain.geometry.size[0]);
    half.voxels[i] = brain.voxels[i] && !tumour.voxels[i] && (left ? x < middle : x > middle);
  }
  auto values = values_inside(t1, half);
  if (values.size() < 3000) return Mask(brain.geometry);
  const float low = quantile_lower(values, 0.65), high = quantile_lower(values, 0.95);
  for (std::size_t i = 0; i < half.voxels.size(); ++i)
    half.voxels[i] = half.voxels[i] && t1.voxels[i] >= low && t1.voxels[i] <= high;
  return half;
}

double median_inside(const Volume<float>& image, const Mask& mask) {
  auto values = values_inside(image, mask);
  return values.empty() ? 0 : static_cast<double>(quantile_lower(values, 0.5));
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

Mask seen_by(const preprocess::PreparedExam& exam, Mask region, const std::vector<Sequence>& sequences) {
  for (const Sequence s : sequences) {
    const auto part = exam.parts.find(s);
    if (part == exam.parts.end()) continue;
    for (std::size_t i = 0; i < region.voxels.size(); ++i)
      region.voxels[i] = region.voxels[i] && part->second.imaged.voxels[i];
  }
  return region;
}

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

Enhancement measure_enhancement(const std::map<Sequence, Volume<float>>& intensities, const Mask& tumour,
                                const Mask& brain) {
  Enhancement e;
  e.verdict = "not measurable";
  const auto t1 = intensities.find(Sequence::T1), t1gd = intensities.find(Sequence::T1Gd);
  if (t1 == intensities.end() || t1gd == intensities.end()) {
    e.measurement = std::string("needs T1 and T1-Gd; ") + (t1 == intensities.end() ? "T1" : "T1-Gd") + " is missing";
    return e;
  }
  const double tumour_voxels = static_cast<double>(count(tumour));
  if (tumour_voxels == 0) {
    e.measurement = "no tumour was found";
    return e;
  }
  const Mask white = contralateral_white_matter(t1->second, brain, tumour);
  const double a = median_inside(t1->second, white), b = median_inside(t1gd->second, white);
  if (!(a > 0) || !(b > 0)) {
    e.measurement = "too little normal brain with signal above 0 to compare with";
    return e;
  }
  const Size3& n = brain.geometry.size;
  double voxels = 0;
  for (std::size_t z = 0; z < n[2]; ++z)
    for (std::size_t y = 0; y < n[1]; ++y)
      for (std::size_t x = 0; x < n[0]; ++x) {
        if (!tumour.at(x, y, z)) continue;
        const double plain = smoothed(t1->second, brain, x, y, z) / a,
                     contrast = smoothed(t1gd->second, brain, x, y, z) / b;
        if (contrast - plain > kEnhancementThreshold) ++voxels;
      }
  e.volume_cm3 = voxels * brain.geometry.voxel_volume_mm3() / 1000;
  e.fraction = voxels / tumour_voxels;
  e.verdict = e.volume_cm3 >= kEnhancementVolumeCm3 ? "yes" : "no";
  char text[160];
  std::snprintf(text, sizeof text,
                "%.1f cm³ (%.0f %% of the tumour) brighter on T1-Gd than on T1; yes from %.1f cm³ on", e.volume_cm3,
                100 * e.fraction, kEnhancementVolumeCm3);
  e.measurement = text;
  return e;
}

Enhancement measure_enhancement(const preprocess::PreparedExam& exam, const Mask& tumour) {
  const std::vector<Sequence> both{Sequence::T1, Sequence::T1Gd};
  const Mask seen = seen_by(exam, tumour, both);
  const std::size_t all = count(tumour), part = count(seen);
  if (part == 0 && all > 0) return {"not measurable", 0, 0, "T1 and T1-Gd do not both show the tumour"};
  Enhancement e = measure_enhancement(exam.intensities, seen, seen_by(exam, exam.brain, both));
  if (part < all)
    e.measurement += "; measured on the " +
                     std::to_string(std::lround(100 * static_cast<double>(part) / static_cast<double>(all))) +
                     " % of the tumour that T1 and T1-Gd both show";
  return e;
}

}  // namespace gliocast::pipeline
