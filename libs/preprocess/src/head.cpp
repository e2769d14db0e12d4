// Head against air.
#include <gliocast/core/quantile.hpp>
#include <gliocast/image/components.hpp>
#include <gliocast/image/distance.hpp>
#include <gliocast/preprocess/registration.hpp>

#include <algorithm>
#include <array>
#include <cmath>

namespace gliocast::preprocess {
namespace {

/// Otsu 1979 on a histogram: the first bin of the brighter class.
std::size_t otsu(const std::array<double, 256>& histogram) {
  double total = 0, sum = 0;
  for (std::size_t k = 0; k < histogram.size(); ++k) {
    total += histogram[k];
    sum += static_cast<double>(k) * histogram[k];
  }
  double below = 0, below_sum = 0, best = -1;
  std::size_t threshold = 1;
  for (std::size_t k = 0; k + 1 < histogram.size(); ++k) {
    below += histogram[k];
    below_sum += static_cast<double>(k) * histogram[k];
    const double above = total - below;
    if (below <= 0 || above <= 0) continue;
    const double difference = below_sum / below - (sum - below_sum) / above,
                 variance = below * above * difference * difference;
    if (variance > best) {
      best = variance;
      threshold = k + 1;
    }
  }
  return threshold;
}

}  // namespace

Mask head_mask(const Volume<float>& volume) {
  std::vector<float> values(volume.voxels);
  const double top = std::max(1e-6, static_cast<double>(quantile_lower(values, 0.995)));
  const auto bin = [&](float v) {
    return static_cast<std::size_t>(255 * std::sqrt(std::clamp(static_cast<double>(v) / top, 0.0, 1.0)));
  };
  std::array<double, 256> histogram{};
  for (const float v : volume.voxels) histogram[bin(v)] += 1;
  const std::size_t threshold = otsu(histogram);
  Mask mask(volume.geometry);
  for (std::size_t i = 0; i < mask.voxels.size(); ++i) mask.voxels[i] = bin(volume.voxels[i]) >= threshold;
  const double reach = 6;
  return image::fill_holes(image::keep_largest_components(image::erode(image::dilate(mask, reach), reach),
                                                          {.keep = 1, .min_volume_mm3 = 0, .min_fraction = 0}));
}

}  // namespace gliocast::preprocess
