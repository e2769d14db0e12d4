#include "painting.hpp"

#include "intensity_changes.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace gliocast::nn {
namespace {

/// Mean of the image in each class; 0 of one that is not in the sample.
std::vector<double> class_means(const float* image, const std::vector<std::uint8_t>& tissue, std::size_t classes) {
  std::vector<double> sum(classes, 0.0), count(classes, 0.0);
  for (std::size_t i = 0; i < tissue.size(); ++i) {
    sum[tissue[i]] += static_cast<double>(image[i]);
    count[tissue[i]] += 1;
  }
  for (std::size_t k = 0; k < classes; ++k) sum[k] = count[k] > 0 ? sum[k] / count[k] : 0;
  return sum;
}

/// Mean 0 and standard deviation 1 over what is in a class.
void standardise(float* image, const std::vector<std::uint8_t>& tissue) {
  double sum = 0, squares = 0, count = 0;
  for (std::size_t i = 0; i < tissue.size(); ++i) {
    if (tissue[i] == 0) continue;
    const auto v = static_cast<double>(image[i]);
    sum += v;
    squares += v * v;
    count += 1;
  }
  if (count < 2) return;
  const double mean = sum / count, sd = std::sqrt(std::max(squares / count - mean * mean, 1e-6));
  for (std::size_t i = 0; i < tissue.size(); ++i)
    image[i] = tissue[i] == 0 ? 0 : static_cast<float>((static_cast<double>(image[i]) - mean) / sd);
}

struct Ellipsoid {
  std::array<double, 3> centre_zyx, radius_zyx;
};

/// Calls `paint(sample index, weight)` for what an ellipsoid covers; the weight falls to 0 over its outer half voxels.
template <typename F>
void for_each_covered(const Ellipsoid& e, const std::array<std::int64_t, 3>& size, F paint) {
  std::array<std::int64_t, 3> low{}, high{};
  for (std::size_t a = 0; a < 3; ++a) {
    low[a] = std::max<std::int64_t>(0, static_cast<std::int64_t>(std::floor(e.centre_zyx[a] - e.radius_zyx[a] - 1)));
    high[a] = std::min(size[a] - 1, static_cast<std::int64_t>(std::ceil(e.centre_zyx[a] + e.radius_zyx[a] + 1)));
  }
  const double radius = std::min({e.radius_zyx[0], e.radius_zyx[1], e.radius_zyx[2]});
  for (std::int64_t z = low[0]; z <= high[0]; ++z)
    for (std::int64_t y = low[1]; y <= high[1]; ++y)
      for (std::int64_t x = low[2]; x <= high[2]; ++x) {
        const std::array<double, 3> d{(static_cast<double>(z) - e.centre_zyx[0]) / e.radius_zyx[0],
                                      (static_cast<double>(y) - e.centre_zyx[1]) / e.radius_zyx[1],
                                      (static_cast<double>(x) - e.centre_zyx[2]) / e.radius_zyx[2]};
        const double beyond = (std::sqrt(d[0] * d[0] + d[1] * d[1] + d[2] * d[2]) - 1) * radius;  // samples
        const double weight = std::clamp(0.5 - beyond, 0.0, 1.0);
        if (weight > 0) paint(static_cast<std::size_t>((z * size[1] + y) * size[2] + x), weight);
      }
}

/// Centres of lesions: samples of the brain that are no tumour, anywhere or around a few of them.
std::vector<std::array<double, 3>> lesion_centres(const Sample& sample, const std::vector<std::size_t>& places,
                                                  Random& random) {
  const std::int64_t ny = sample.input.size_zyx[1], nx = sample.input.size_zyx[2];
  const auto place = [&]() -> std::array<double, 3> {
    const auto i = static_cast<std::int64_t>(places[random.below(places.size())]);
    return {static_cast<double>(i / (nx * ny)), static_cast<double>(i / nx % ny), static_cast<double>(i % nx)};
  };
  std::vector<std::array<double, 3>> hubs, centres;
  if (random.chance(0.5))
    for (std::uint64_t k = 2 + random.below(3); k > 0; --k) hubs.push_back(place());
  for (std::uint64_t k = 2 + random.below(29); k > 0; --k) {
    if (hubs.empty()) {
      centres.push_back(place());
      continue;
    }
    auto centre = hubs[random.below(hubs.size())];
    for (double& x : centre) x += random.normal(0, 5);
    centres.push_back(centre);
  }
  return centres;
}

}  // namespace

void paint_tissue(Sample& sample, const std::vector<std::uint8_t>& tissue, const std::vector<bool>& present,
                  Random& random) {
  const std::size_t n = tissue.size();
  const std::size_t classes = static_cast<std::size_t>(*std::ranges::max_element(tissue)) + 1;
  for (std::size_t ch = 0; ch < present.size(); ++ch) {
    float* image = sample.input.values.data() + ch * n;
    const auto own_mean = class_means(image, tissue, classes);
    std::vector<double> mean(classes), own(classes), noise(classes);
    for (std::size_t k = 0; k < classes; ++k) {
      mean[k] = random.uniform(-2, 2);
      own[k] = present[ch] ? random.uniform(-0.5, 1.2) : 0;
      noise[k] = random.uniform(0.02, 0.3);
    }
    for (std::size_t i = 0; i < n; ++i) {
      const std::size_t k = tissue[i];
      if (k > 0)
        image[i] = static_cast<float>(mean[k] + own[k] * (static_cast<double>(image[i]) - own_mean[k]) +
                                      random.normal(0, noise[k]));
    }
    if (random.chance(0.5))
      for (int axis = 0; axis < 3; ++axis) blur(image, sample.input.size_zyx, axis, 1);
    standardise(image, tissue);
  }
}

void paint_lesions(Sample& sample, const std::vector<bool>& present, Random& random) {
  const std::size_t n = sample.label.size();
  const auto channel = [&](std::size_t ch) { return sample.input.values.data() + ch * n; };
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < n; ++i) {
    bool brain = false;
    for (std::size_t ch = 0; ch < present.size(); ++ch) brain = brain || channel(ch)[i] != 0;
    if (brain && sample.label[i] == 0) places.push_back(i);
  }
  if (places.empty()) return;
  const double t1 = -random.uniform(0.2, 1.2), t2 = random.uniform(0.8, 2.5), flair = random.uniform(1, 3);
  const double largest = std::exp(random.uniform(std::log(1.5), std::log(5)));  // samples
  for (const auto& centre : lesion_centres(sample, places, random)) {
    Ellipsoid e{centre, {}};
    const double radius = std::exp(random.uniform(std::log(0.8), std::log(largest)));
    for (double& r : e.radius_zyx) r = radius * random.uniform(0.7, 1.4);
    const double t1gd = random.chance(0.1) ? random.uniform(0.5, 2.5) : t1 * random.uniform(0.7, 1.1);
    const std::array<double, 4> change{t1, t1gd, t2, flair};
    for_each_covered(e, sample.input.size_zyx, [&](std::size_t i, double weight) {
      if (sample.label[i] != 0) return;
      for (std::size_t ch = 0; ch < std::min(present.size(), change.size()); ++ch)
        if (present[ch] && channel(ch)[i] != 0)
          channel(ch)[i] = std::clamp(channel(ch)[i] + static_cast<float>(weight * change[ch]), -kClip, kClip);
    });
  }
}

}  // namespace gliocast::nn
