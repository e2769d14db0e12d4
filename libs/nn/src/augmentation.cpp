#include <gliocast/nn/augmentation.hpp>

#include <gliocast/core/geometry.hpp>
#include <gliocast/nn/cropping.hpp>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace gliocast::nn {
namespace {

/// Maps offsets from the window's centre (samples, x y z) to offsets in the case (voxels).
Mat3 random_map(const AugmentationOptions& o, Random& random) {
  Mat3 m{1, 0, 0, 0, 1, 0, 0, 0, 1};
  if (!o.enabled) return m;
  const bool flip = random.chance(o.flip);
  if (random.chance(o.rotation_probability)) {
    const double limit = o.rotation_degrees * std::numbers::pi / 180;
    for (std::size_t axis = 0; axis < 3; ++axis) {
      const double angle = random.uniform(-limit, limit), c = std::cos(angle), s = std::sin(angle);
      const std::size_t a = (axis + 1) % 3, b = (axis + 2) % 3;
      Mat3 next = m;
      for (std::size_t col = 0; col < 3; ++col) {
        next[3 * a + col] = c * m[3 * a + col] - s * m[3 * b + col];
        next[3 * b + col] = s * m[3 * a + col] + c * m[3 * b + col];
      }
      m = next;
    }
  }
  if (random.chance(o.scale_probability)) {
    const double common = std::exp(random.uniform(std::log(o.scale_low), std::log(o.scale_high)));
    for (std::size_t row = 0; row < 3; ++row) {
      const double factor = common * (1 + random.uniform(-o.anisotropy, o.anisotropy));
      for (std::size_t col = 0; col < 3; ++col) m[3 * row + col] *= factor;
    }
  }
  if (flip)
    for (std::size_t col = 0; col < 3; ++col) m[col] = -m[col];
  return m;
}

/// The labels at the samples' nearest voxels: 1 tumour, 0 not and beyond the edge.
std::vector<float> cut_target(const TrainingCase& c, const PatchPlan& plan, TumourTarget target) {
  const auto [nz, ny, nx] = c.input.size_zyx;
  std::vector<float> out;
  out.reserve(static_cast<std::size_t>(plan.size_zyx[0] * plan.size_zyx[1] * plan.size_zyx[2]));
  for (std::int64_t z = 0; z < plan.size_zyx[0]; ++z)
    for (std::int64_t y = 0; y < plan.size_zyx[1]; ++y)
      for (std::int64_t x = 0; x < plan.size_zyx[2]; ++x) {
        const Vec3 p = plan.position(x, y, z);
        const std::int64_t i = std::llround(p[0]), j = std::llround(p[1]), k = std::llround(p[2]);
        const bool inside = i >= 0 && j >= 0 && k >= 0 && i < nx && j < ny && k < nz;
        out.push_back(inside && is_tumour(c.label[static_cast<std::size_t>(i + nx * (j + ny * k))], target) ? 1 : 0);
      }
  return out;
}

/// 1-2-1 smoothing along one axis, `times` times.
void blur(float* image, const std::array<std::int64_t, 3>& size, int axis, int times) {
  const std::int64_t stride = axis == 2 ? 1 : axis == 1 ? size[2] : size[2] * size[1];
  const std::int64_t length = size[static_cast<std::size_t>(axis)];
  const std::int64_t lines = size[0] * size[1] * size[2] / length;
  std::vector<float> line(static_cast<std::size_t>(length));
  for (std::int64_t l = 0; l < lines; ++l) {
    float* start = image + (axis == 2 ? l * size[2] : axis == 1 ? (l / size[2]) * size[1] * size[2] + l % size[2] : l);
    for (int t = 0; t < times; ++t) {
      for (std::int64_t i = 0; i < length; ++i) line[static_cast<std::size_t>(i)] = start[i * stride];
      for (std::int64_t i = 0; i < length; ++i) {
        const auto at = [&](std::int64_t j) {
          return line[static_cast<std::size_t>(std::clamp<std::int64_t>(j, 0, length - 1))];
        };
        start[i * stride] = 0.25F * at(i - 1) + 0.5F * at(i) + 0.25F * at(i + 1);
      }
    }
  }
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

void change_channel(float* image, const std::array<std::int64_t, 3>& size, const AugmentationOptions& o,
                    Random& random) {
  const auto n = static_cast<std::size_t>(size[0] * size[1] * size[2]);
  if (random.chance(o.blur_probability)) {
    const int axis = static_cast<int>(random.below(3));
    blur(image, size, axis, 1 + static_cast<int>(random.below(3)));
  }
  if (random.chance(o.bias_probability)) multiply_bias(image, size, random.uniform(0, 0.2), random);
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

void drop_channel(const TrainingCase& c, Sample& sample, const AugmentationOptions& o, Random& random) {
  std::vector<std::size_t> present;
  for (std::size_t ch = 0; ch < c.present.size(); ++ch)
    if (c.present[ch]) present.push_back(ch);
  if (present.size() < 3 || !random.chance(o.dropout_probability)) return;
  const std::size_t dropped = present[random.below(present.size())];
  const auto n = static_cast<std::ptrdiff_t>(sample.target.size());
  std::fill_n(sample.input.values.begin() + static_cast<std::ptrdiff_t>(dropped) * n, n, 0.0F);
}

}  // namespace

Sample draw_sample(const TrainingCase& c, const std::array<double, 3>& centre_xyz,
                   const std::array<std::int64_t, 3>& size_zyx, double step, TumourTarget target,
                   const AugmentationOptions& options, Random& random) {
  const PatchPlan plan{centre_xyz, size_zyx, {step, step, step}, false, random_map(options, random)};
  Sample sample{cut_patch(c.input, plan), cut_target(c, plan, target)};
  const std::size_t n = sample.target.size();
  if (!options.enabled) return sample;
  for (std::size_t ch = 0; ch < static_cast<std::size_t>(c.input.channels); ++ch)
    if (c.present[ch]) change_channel(sample.input.values.data() + ch * n, size_zyx, options, random);
  drop_channel(c, sample, options, random);
  return sample;
}

}  // namespace gliocast::nn
