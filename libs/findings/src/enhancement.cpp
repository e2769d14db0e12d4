#include <gliocast/findings/enhancement.hpp>

#include <gliocast/core/quantile.hpp>
#include <gliocast/findings/location.hpp>

#include <algorithm>
#include <vector>

namespace gliocast::findings {
namespace {

constexpr std::size_t kLeastVoxels = 3000;  ///< 3 cm³: below, a hemisphere's quantiles say little

/// White matter of the hemisphere that holds less of the tumour.
Mask contralateral_white_matter(const Volume<float>& t1, const Mask& brain, const Mask& tumour) {
  const bool left = left_fraction(tumour, brain) > 0.5;  // x grows to the left
  const double middle = mean_index(brain)[0];
  Mask half(brain.geometry);
  for (std::size_t i = 0; i < half.voxels.size(); ++i) {
    const auto x = static_cast<double>(i % brain.geometry.size[0]);
    half.voxels[i] = brain.voxels[i] && !tumour.voxels[i] && (left ? x < middle : x > middle);
  }
  auto values = values_inside(t1, half);
  if (values.size() < kLeastVoxels) return Mask(brain.geometry);
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
        if (brain.at(i, j, k)) {
          sum += static_cast<double>(image.at(i, j, k));
          ++count;
        }
  return count > 0 ? sum / count : 0;
}

}  // namespace

Enhancement measure_enhancement(const std::map<Sequence, Volume<float>>& intensities, const Mask& tumour,
                                const Mask& brain) {
  using Obstacle = Enhancement::Obstacle;
  Enhancement e;
  const auto without = [&](Obstacle obstacle) {
    e.obstacle = obstacle;
    return e;
  };
  const auto t1 = intensities.find(Sequence::T1), t1gd = intensities.find(Sequence::T1Gd);
  if (t1 == intensities.end() || t1gd == intensities.end()) {
    e.missing = t1 == intensities.end() ? Sequence::T1 : Sequence::T1Gd;
    return without(Obstacle::SequenceMissing);
  }
  const double tumour_voxels = static_cast<double>(count(tumour));
  if (tumour_voxels == 0) return without(Obstacle::NoTumour);
  const Mask white = contralateral_white_matter(t1->second, brain, tumour);
  const double a = median_inside(t1->second, white), b = median_inside(t1gd->second, white);
  if (!(a > 0) || !(b > 0)) return without(Obstacle::TooLittleNormalBrain);
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
  e.verdict = e.volume_cm3 >= kEnhancementVolumeCm3 ? Enhancement::Verdict::Yes : Enhancement::Verdict::No;
  return e;
}

}  // namespace gliocast::findings
