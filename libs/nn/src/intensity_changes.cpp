#include "intensity_changes.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace gliocast::nn {
namespace {

/// Calls `line(offset, stride)` for each line of samples along an axis.
template <typename F>
void for_each_line(const std::array<std::int64_t, 3>& size, int axis, F line) {
  const std::int64_t stride = axis == 2 ? 1 : axis == 1 ? size[2] : size[2] * size[1];
  const std::int64_t lines = size[0] * size[1] * size[2] / size[static_cast<std::size_t>(axis)];
  for (std::int64_t l = 0; l < lines; ++l)
    line(axis == 2 ? l * size[2] : axis == 1 ? (l / size[2]) * size[1] * size[2] + l % size[2] : l, stride);
}

/// What slices of `thickness` samples along one axis would show: the mean over each slice, linear between the slices'
/// centres. `start` in [0, 1): where the first begins, in parts of a slice before the edge.
void thicken_slices(float* image, const std::array<std::int64_t, 3>& size, int axis, double thickness, double start) {
  const std::int64_t length = size[static_cast<std::size_t>(axis)];
  const auto slices = static_cast<std::int64_t>(std::ceil(static_cast<double>(length) / thickness + start));
  const double first = -start * thickness;
  std::vector<double> total(static_cast<std::size_t>(length) + 1), slice(static_cast<std::size_t>(slices));
  const auto inside = [&](double place) { return std::clamp(place, 0.0, static_cast<double>(length)); };
  const auto until = [&](double place) {  // the sum of the line up to a place between samples
    const auto low = std::min(static_cast<std::size_t>(place), static_cast<std::size_t>(length) - 1);
    return total[low] + (place - static_cast<double>(low)) * (total[low + 1] - total[low]);
  };
  for_each_line(size, axis, [&](std::int64_t offset, std::int64_t stride) {
    float* line = image + offset;
    for (std::int64_t i = 0; i < length; ++i)
      total[static_cast<std::size_t>(i) + 1] =
          total[static_cast<std::size_t>(i)] + static_cast<double>(line[i * stride]);
    for (std::int64_t j = 0; j < slices; ++j) {
      const double edge = first + static_cast<double>(j) * thickness;
      const double from = inside(edge),
                   to = std::max(from + 1e-3, inside(edge + thickness));  // what lies in the window
      slice[static_cast<std::size_t>(j)] = (until(inside(to)) - until(from)) / (to - from);
    }
    for (std::int64_t i = 0; i < length; ++i) {
      const double place =
          std::clamp((static_cast<double>(i) + 0.5 - first) / thickness - 0.5, 0.0, static_cast<double>(slices - 1));
      const auto low = static_cast<std::size_t>(place), high = std::min(low + 1, static_cast<std::size_t>(slices) - 1);
      const double part = place - static_cast<double>(low);
      line[i * stride] = static_cast<float>((1 - part) * slice[low] + part * slice[high]);
    }
  });
}

/// A field 1 + a·x + b·y + c·z + d·xy… over [−1, 1]³, at most `strength` from 1.
void multiply_bias(float* image, const std::array<std::int64_t, 3>& size, double strength, Random& random) {
  std::array<double, 6> coefficient{};
  double sum = 0;
  for (double& c : coefficient) {
    c = random.uniform(-1, 1);
    sum += std::abs(c);
  }
  for (double& c : coefficient) c *= strength / std::max(sum, 1e-6);
  std::size_t k = 0;
  for (std::int64_t z = 0; z < size[0]; ++z)
    for (std::int64_t y = 0; y < size[1]; ++y)
      for (std::int64_t x = 0; x < size[2]; ++x, ++k) {
        const double u = 2.0 * static_cast<double>(x) / static_cast<double>(size[2]) - 1,
                     v = 2.0 * static_cast<double>(y) / static_cast<double>(size[1]) - 1,
                     w = 2.0 * static_cast<double>(z) / static_cast<double>(size[0]) - 1;
        image[k] *= static_cast<float>(1 + coefficient[0] * u + coefficient[1] * v + coefficient[2] * w +
                                       coefficient[3] * u * v + coefficient[4] * v * w + coefficient[5] * u * w);
      }
}

}  // namespace

void blur(float* image, const std::array<std::int64_t, 3>& size, int axis, int times) {
  const std::int64_t length = size[static_cast<std::size_t>(axis)];
  std::vector<float> line(static_cast<std::size_t>(length));
  for_each_line(size, axis, [&](std::int64_t offset, std::int64_t stride) {
    float* start = image + offset;
    for (int t = 0; t < times; ++t) {
      for (std::int64_t i = 0; i < length; ++i) line[static_cast<std::size_t>(i)] = start[i * stride];
      for (std::int64_t i = 0; i < length; ++i) {
        const auto at = [&](std::int64_t j) {
          return line[static_cast<std::size_t>(std::clamp<std::int64_t>(j, 0, length - 1))];
        };
        start[i * stride] = 0.25F * at(i - 1) + 0.5F * at(i) + 0.25F * at(i + 1);
      }
    }
  });
}

void change_channel(float* image, const std::array<std::int64_t, 3>& size, double spacing_mm,
                    const AugmentationOptions& o, Random& random) {
  const auto n = static_cast<std::size_t>(size[0] * size[1] * size[2]);
  if (o.low_resolution_probability > 0 && random.chance(o.low_resolution_probability))
    thicken_slices(image, size, static_cast<int>(random.below(3)), random.uniform(3, 6.5) / spacing_mm,
                   random.uniform());
  if (random.chance(o.blur_probability)) {
    const int axis = static_cast<int>(random.below(3));
    blur(image, size, axis, 1 + static_cast<int>(random.below(3)));
  }
  if (random.chance(o.bias_probability)) multiply_bias(image, size, random.uniform(0, o.bias), random);
  if (random.chance(o.gamma_probability)) {  // a contrast curve through the ends of the z-score range
    const double exponent = std::exp(random.uniform(std::log(0.7), std::log(1.5)));
    constexpr double kLow = -4, kHigh = 6;
    for (std::size_t i = 0; i < n; ++i)
      if (image[i] != 0) {
        const double unit = std::clamp((static_cast<double>(image[i]) - kLow) / (kHigh - kLow), 0.0, 1.0);
        const double centre = std::pow(-kLow / (kHigh - kLow), exponent);  // keeps 0 at 0
        image[i] = static_cast<float>((std::pow(unit, exponent) - centre) * (kHigh - kLow));
      }
  }
  if (o.inversion_probability > 0 && random.chance(o.inversion_probability))
    for (std::size_t i = 0; i < n; ++i) image[i] = -image[i];
  if (random.chance(o.gain_probability)) {
    const auto gain = static_cast<float>(1 + random.uniform(-o.gain, o.gain)),
               shift = static_cast<float>(random.uniform(-o.shift, o.shift));
    for (std::size_t i = 0; i < n; ++i)
      if (image[i] != 0) image[i] = image[i] * gain + shift;
  }
  if (random.chance(o.noise_probability)) {
    const double sd = random.uniform(0, o.noise_sd);
    for (std::size_t i = 0; i < n; ++i)
      if (image[i] != 0) image[i] += static_cast<float>(random.normal(0, sd));
  }
}

}  // namespace gliocast::nn
