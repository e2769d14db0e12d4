// Plain samples are exact; random ones are seeded, keep labels with the image, and never drop the last two sequences.
#include <gliocast/nn/augmentation.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

using namespace gliocast;
using namespace gliocast::nn;

namespace {

TrainingCase block_case() {
  TrainingCase c;
  c.input.size_zyx = {16, 16, 16};
  c.present = {true, true, true};
  const auto n = static_cast<std::size_t>(c.input.voxels());
  c.input.values.assign(3 * n, 0.5F);
  c.label.assign(n, 0);
  for (std::size_t z = 5; z < 11; ++z)
    for (std::size_t y = 5; y < 11; ++y)
      for (std::size_t x = 2; x < 8; ++x) {
        const std::size_t k = x + 16 * (y + 16 * z);
        c.label[k] = x < 4 ? 2 : 4;
        for (std::size_t ch = 0; ch < 3; ++ch) c.input.values[ch * n + k] = 4;
      }
  return c;
}

}  // namespace

TEST(AugmentationMechanics, WithoutItTheWindowIsExact) {
  const auto c = block_case();
  AugmentationOptions off;
  off.enabled = false;
  Random random(1);
  const auto s = draw_sample(c, {7.5, 7.5, 7.5}, {16, 16, 16}, 1, off, random);
  EXPECT_EQ(s.input.values, c.input.values);
  EXPECT_EQ(s.label, c.label);
}

TEST(AugmentationMechanics, SameSeedSameSample) {
  const auto c = block_case();
  Random a(5), b(5), other(6);
  const auto p = draw_sample(c, {7, 7, 7}, {16, 16, 16}, 1, {}, a),
             q = draw_sample(c, {7, 7, 7}, {16, 16, 16}, 1, {}, b);
  EXPECT_EQ(p.input.values, q.input.values);
  EXPECT_NE(p.input.values, draw_sample(c, {7, 7, 7}, {16, 16, 16}, 1, {}, other).input.values);
}

TEST(AugmentationMechanics, LabelsMoveWithTheImage) {
  const auto c = block_case();
  AugmentationOptions geometry_only;
  geometry_only.gain_probability = geometry_only.gamma_probability = geometry_only.noise_probability =
      geometry_only.blur_probability = geometry_only.bias_probability = geometry_only.dropout_probability = 0;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    Random random(seed);
    const auto s = draw_sample(c, {6, 7.5, 7.5}, {16, 16, 16}, 1, geometry_only, random);
    std::size_t agree = 0;
    for (std::size_t i = 0; i < s.label.size(); ++i) agree += (s.input.values[i] > 2.25F) == (s.label[i] > 0);
    EXPECT_GT(static_cast<double>(agree) / static_cast<double>(s.label.size()), 0.97) << seed;
  }
}

TEST(AugmentationMechanics, AtMostOneSequenceIsDropped) {
  auto c = block_case();
  AugmentationOptions o;
  o.dropout_probability = 1;
  const auto empty_channels = [&](const Sample& s) {
    int n = 0;
    for (std::size_t ch = 0; ch < 3; ++ch)
      n += std::all_of(s.input.values.begin() + static_cast<std::ptrdiff_t>(ch * 4096),
                       s.input.values.begin() + static_cast<std::ptrdiff_t>((ch + 1) * 4096),
                       [](float v) { return v == 0; });
    return n;
  };
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    Random random(seed);
    EXPECT_EQ(empty_channels(draw_sample(c, {7, 7, 7}, {16, 16, 16}, 1, o, random)), 1);
  }
  c.present[1] = false;
  std::fill_n(c.input.values.begin() + 4096, 4096, 0.0F);
  Random random(3);
  EXPECT_EQ(empty_channels(draw_sample(c, {7, 7, 7}, {16, 16, 16}, 1, o, random)), 1);
}
