#include <gliocast/preprocess/quality.hpp>

#include <gliocast/core/files.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/core/quantile.hpp>
#include <gliocast/image/reorient.hpp>
#include <gliocast/preprocess/registration.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

namespace gliocast::preprocess {
namespace {

constexpr double kNormalMedian = 0.6745;    ///< median of |x| of a standard normal x
constexpr double kEnoughAirVoxels = 200;    ///< of which a mean says something
constexpr double kMostlyCovered = 0.95;     ///< of the brain: a sequence that shows less is told
constexpr double kWhollyCovered = 0.97;     ///< of the brain: an exam that shows less is told
constexpr double kClippedFraction = 0.001;  ///< of the brain at the largest value: more than single bright vessels
constexpr double kNoisySnr = 8, kStrongGhost = 0.06;  ///< beyond them noise, and signal in the air, are told

/// Robust sd of noise: second differences along x cancel smooth anatomy; their variance is 6 times the noise's.
double noise_sd(const Volume<float>& image, const Mask& brain) {
  std::vector<float> differences;
  const Size3& s = image.geometry.size;
  for (std::size_t z = 0; z < s[2]; ++z)
    for (std::size_t y = 0; y < s[1]; ++y)
      for (std::size_t x = 1; x + 1 < s[0]; ++x) {
        const std::size_t i = image.index(x, y, z);
        if (brain.voxels[i - 1] && brain.voxels[i] && brain.voxels[i + 1])
          differences.push_back(std::abs(image.voxels[i - 1] - 2 * image.voxels[i] + image.voxels[i + 1]));
      }
  return differences.empty() ? 0
                             : static_cast<double>(quantile_nearest(differences, 0.5)) / kNormalMedian / std::sqrt(6.0);
}

/// Difference of the means below and above the threshold that separates them best (Otsu 1979).
double two_class_contrast(std::vector<float> values) {
  std::ranges::sort(values);
  double total = 0, below = 0, best = -1, contrast = 0;
  for (const float v : values) total += static_cast<double>(v);
  const auto n = static_cast<double>(values.size());
  for (std::size_t k = 1; k < values.size(); ++k) {
    below += static_cast<double>(values[k - 1]);
    const double low = below / static_cast<double>(k), high = (total - below) / (n - static_cast<double>(k)),
                 variance = static_cast<double>(k) * (n - static_cast<double>(k)) * (high - low) * (high - low);
    if (variance > best) {
      best = variance;
      contrast = high - low;
    }
  }
  return contrast;
}

/// Ghosts of a moving or pulsating head lie in the air beside it along the phase axis. Means of the air beside the
/// brain's box along each axis, less the mean of the air off both axes.
double ghost_index(const Volume<float>& image, const Mask& brain, double median) {
  const Size3& n = image.geometry.size;
  const Mask head = head_mask(image);
  const IndexBox box = bounding_box(brain).value_or(IndexBox{});
  const std::size_t slice_axis =
      static_cast<std::size_t>(std::ranges::max_element(image.geometry.spacing_mm) - image.geometry.spacing_mm.begin());
  std::array<double, 3> sum{}, voxels{};
  double corner_sum = 0, corner_voxels = 0;
  for (std::size_t z = 0; z < n[2]; ++z)
    for (std::size_t y = 0; y < n[1]; ++y)
      for (std::size_t x = 0; x < n[0]; ++x) {
        if (head.at(x, y, z)) continue;
        const Size3 p{x, y, z};
        std::array<bool, 3> beyond{};
        for (std::size_t a = 0; a < 3; ++a) beyond[a] = p[a] < box.first[a] || p[a] > box.last[a];
        if (beyond[slice_axis]) continue;
        const auto v = static_cast<double>(image.at(x, y, z));
        const int outside = static_cast<int>(beyond[0]) + static_cast<int>(beyond[1]) + static_cast<int>(beyond[2]);
        if (outside == 2) {
          corner_sum += v;
          ++corner_voxels;
        }
        if (outside == 1)
          for (std::size_t a = 0; a < 3; ++a)
            if (beyond[a]) {
              sum[a] += v;
              ++voxels[a];
            }
      }
  double worst = std::numeric_limits<double>::quiet_NaN();
  for (std::size_t a = 0; a < 3; ++a)
    if (voxels[a] > kEnoughAirVoxels && corner_voxels > kEnoughAirVoxels && median > 0) {
      const double g = (sum[a] / voxels[a] - corner_sum / corner_voxels) / median;
      worst = std::isnan(worst) ? g : std::max(worst, g);
    }
  return worst;
}

SequenceQuality measure(const Volume<float>& image, const Mask& brain, double coverage, bool with_air) {
  SequenceQuality q;
  q.coverage = coverage;
  q.spacing_mm = image.geometry.spacing_mm;
  q.size = image.geometry.size;
  q.orientation = image::orientation_code(image.geometry);
  if (q.coverage < kMostlyCovered)
    q.warnings.push_back("covers only " + std::to_string(std::lround(100 * q.coverage)) + " % of the brain");
  std::vector<float> values = values_inside(image, brain);
  if (values.empty()) return q;
  const auto n = static_cast<double>(values.size());
  const float top = *std::ranges::max_element(values);
  q.clipped_fraction = static_cast<double>(std::ranges::count(values, top)) / n;
  q.median = static_cast<double>(quantile_nearest(values, 0.5));
  q.p01 = static_cast<double>(quantile_nearest(values, 0.01));
  q.p99 = static_cast<double>(quantile_nearest(values, 0.99));
  const double noise = noise_sd(image, brain);
  q.snr = noise > 0 ? q.median / noise : std::numeric_limits<double>::quiet_NaN();
  q.cnr = noise > 0 ? two_class_contrast(values) / noise : std::numeric_limits<double>::quiet_NaN();
  q.ghost = with_air ? ghost_index(image, brain, q.median) : std::numeric_limits<double>::quiet_NaN();
  const double thickest = std::ranges::max(q.spacing_mm);
  if (thickest > kThickSliceMm)
    q.warnings.push_back("slices are " + decimal(thickest) + " mm thick: outlines and volumes are less certain");
  if (q.clipped_fraction > kClippedFraction)
    q.warnings.push_back("intensities are clipped at " + std::to_string(std::lround(top)));
  if (q.snr < kNoisySnr) q.warnings.push_back("is noisy (signal to noise " + std::to_string(std::lround(q.snr)) + ")");
  if (q.ghost > kStrongGhost)
    q.warnings.push_back("has signal in the air beside the head (" + std::to_string(std::lround(100 * q.ghost)) +
                         " % of the brain's): movement or flow artefacts are likely");
  return q;
}

}  // namespace

Quality measure_quality(const image::Exam& exam, const Mask& brain, const QualityInput& input) {
  Quality quality;
  quality.brain_covered = input.brain_covered;
  quality.brain_volume_cm3 = static_cast<double>(count(brain)) * brain.geometry.voxel_volume_mm3() / 1000;
  const std::string measured = std::to_string(std::lround(quality.brain_volume_cm3)) + " cm³";
  const double whole = quality.brain_volume_cm3 / (input.brain_covered > 1e-3 ? input.brain_covered : 1);
  if (input.brain_covered < kWhollyCovered)
    quality.warnings.push_back("about " + std::to_string(std::lround(100 * input.brain_covered)) +
                               " % of the brain lies within the " + std::string(display_name(exam.reference())) +
                               " image; the brain's volume (" + measured + ") is of that part");
  if (whole < kSmallBrainCm3 || whole > kLargeBrainCm3)
    quality.warnings.push_back("the brain measures " + measured +
                               ", whole brains of adults have 900 to 2000: part of it may be missing, or the skull is "
                               "still there");
  for (const auto& [sequence, image] : exam.sequences)
    quality.sequences[sequence] =
        measure(image, input.brains.at(sequence), input.coverage.at(sequence), input.with_air);
  return quality;
}

}  // namespace gliocast::preprocess
