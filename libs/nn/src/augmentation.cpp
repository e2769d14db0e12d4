#include <gliocast/nn/augmentation.hpp>

#include "intensity_changes.hpp"
#include "painting.hpp"

#include <gliocast/core/geometry.hpp>
#include <gliocast/nn/cropping.hpp>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

namespace gliocast::nn {
namespace {

/// Maps offsets from the window's centre (samples, x y z) to offsets in the case (voxels).
Mat3 random_map(const AugmentationOptions& o, Random& random) {
  Mat3 m{1, 0, 0, 0, 1, 0, 0, 0, 1};
  if (!o.enabled) return m;
  const bool flip = random.chance(o.flip);
  if (random.chance(o.rotation_probability)) {
    const double limit = o.rotation_degrees * std::numbers::pi / 180;
    for (std::size_t axis = o.in_plane ? 2 : 0; axis < 3; ++axis) {
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
    for (std::size_t row = 0; row < (o.in_plane ? 2U : 3U); ++row) {
      const double factor = common * (1 + random.uniform(-o.anisotropy, o.anisotropy));
      for (std::size_t col = 0; col < 3; ++col) m[3 * row + col] *= factor;
    }
  }
  if (flip)
    for (std::size_t col = 0; col < 3; ++col) m[col] = -m[col];
  return m;
}

/// Control points that cover the window and one voxel more.
Bend random_bend(const AugmentationOptions& o, const std::array<std::int64_t, 3>& size_zyx, Random& random) {
  Bend bend;
  if (!o.enabled || o.elastic_probability <= 0 || !random.chance(o.elastic_probability)) return bend;
  std::size_t points = 1;
  for (std::size_t a = 0; a < 3; ++a) {
    bend.points_zyx[a] = 2 + static_cast<std::int64_t>(static_cast<double>(size_zyx[a]) / bend.spacing);
    points *= static_cast<std::size_t>(bend.points_zyx[a]);
  }
  const double most = random.uniform(0, o.elastic_voxels);
  bend.offset_xyz.resize(points);
  for (Vec3& offset : bend.offset_xyz)
    for (double& component : offset) component = random.uniform(-most, most);
  return bend;
}

/// Values of a case's voxels nearest to the samples; 0 beyond the edge.
std::vector<std::uint8_t> cut_nearest(const std::vector<std::uint8_t>& values,
                                      const std::array<std::int64_t, 3>& case_size, const PatchPlan& plan) {
  const auto [nz, ny, nx] = case_size;
  std::vector<std::uint8_t> out;
  out.reserve(static_cast<std::size_t>(plan.size_zyx[0] * plan.size_zyx[1] * plan.size_zyx[2]));
  for (std::int64_t z = 0; z < plan.size_zyx[0]; ++z)
    for (std::int64_t y = 0; y < plan.size_zyx[1]; ++y)
      for (std::int64_t x = 0; x < plan.size_zyx[2]; ++x) {
        const Vec3 p = plan.position(x, y, z);
        const std::int64_t i = std::llround(p[0]), j = std::llround(p[1]), k = std::llround(p[2]);
        const bool inside = i >= 0 && j >= 0 && k >= 0 && i < nx && j < ny && k < nz;
        out.push_back(inside ? values[static_cast<std::size_t>(i + nx * (j + ny * k))] : std::uint8_t{0});
      }
  return out;
}

/// `present`: which channels the sample has; kept up to date.
void drop(std::size_t channel, std::vector<bool>& present, Sample& sample) {
  const auto n = static_cast<std::ptrdiff_t>(sample.label.size());
  std::fill_n(sample.input.values.begin() + static_cast<std::ptrdiff_t>(channel) * n, n, 0.0F);
  present[channel] = false;
}

void drop_channels(std::vector<bool> present, Sample& sample, const AugmentationOptions& o, Random& random) {
  constexpr std::size_t kFlair = 3;
  if (o.flair_dropout_probability > 0 && present.size() > kFlair && random.chance(o.flair_dropout_probability))
    drop(kFlair, present, sample);
  for (std::int64_t k = 0; k < o.most_dropped; ++k) {
    std::vector<std::size_t> left;
    for (std::size_t c = 0; c < present.size(); ++c)
      if (present[c]) left.push_back(c);
    if (left.size() < 3 || !random.chance(o.dropout_probability)) return;
    drop(left[random.below(left.size())], present, sample);
  }
}

}  // namespace

AugmentationOptions AugmentationOptions::strong() {
  AugmentationOptions o;
  o.rotation_degrees = 20;
  o.scale_low = 0.8;
  o.scale_high = 1.25;
  o.elastic_probability = 0.3;
  o.gamma_probability = 0.4;
  o.inversion_probability = 0.03;
  o.low_resolution_probability = 0.15;
  o.bias = 0.4;
  o.noise_sd = 0.25;
  o.lesion_probability = 0.1;
  o.flair_dropout_probability = 0.4;
  o.most_dropped = 2;
  return o;
}

AugmentationOptions AugmentationOptions::slice() {
  AugmentationOptions o;
  o.in_plane = true;
  o.rotation_degrees = 10;
  o.scale_low = 0.9;
  o.scale_high = 1.1;
  o.anisotropy = 0.04;
  o.dropout_probability = 0;
  return o;
}

Sample draw_sample(const TrainingCase& c, const std::array<double, 3>& centre_xyz,
                   const std::array<std::int64_t, 3>& size_zyx, double step, const AugmentationOptions& options,
                   Random& random, const std::vector<std::uint8_t>& tissue) {
  PatchPlan plan{centre_xyz, size_zyx, {step, step, step}, false, random_map(options, random), {}};
  plan.bend = random_bend(options, size_zyx, random);
  Sample sample{cut_patch(c.input, plan), cut_nearest(c.label, c.input.size_zyx, plan)};
  if (!options.enabled) return sample;
  std::vector<bool> present = c.present;
  if (!tissue.empty()) {
    paint_tissue(sample, cut_nearest(tissue, c.input.size_zyx, plan), present, random);
    present.assign(present.size(), true);
  }
  if (options.lesion_probability > 0 && random.chance(options.lesion_probability))
    paint_lesions(sample, present, random);
  const std::size_t n = sample.label.size();
  for (std::size_t ch = 0; ch < present.size(); ++ch)
    if (present[ch])
      change_channel(sample.input.values.data() + ch * n, size_zyx, sample.input.spacing_mm, options, random);
  drop_channels(std::move(present), sample, options, random);
  return sample;
}

}  // namespace gliocast::nn
