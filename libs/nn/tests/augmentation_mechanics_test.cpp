// Plain samples are exact; random ones are seeded, keep labels with the image, and never drop the last two sequences.
#include <gliocast/nn/augmentation.hpp>
#include <gliocast/nn/tissue.hpp>

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

TEST(AugmentationMechanics, StrongChangesAreSeededAndEachCanBeDrawnAlone) {
  const auto c = block_case();
  const auto values = [&](const AugmentationOptions& o, std::uint64_t seed) {
    Random random(seed);
    return draw_sample(c, {7, 7, 7}, {16, 16, 16}, 1, o, random).input.values;
  };
  EXPECT_EQ(values(AugmentationOptions::strong(), 5), values(AugmentationOptions::strong(), 5));
  AugmentationOptions none;
  none.flip = none.rotation_probability = none.scale_probability = none.gain_probability = none.gamma_probability =
      none.noise_probability = none.blur_probability = none.bias_probability = none.dropout_probability = 0;
  const auto plain = values(none, 5);
  for (double AugmentationOptions::* probability :
       {&AugmentationOptions::elastic_probability, &AugmentationOptions::inversion_probability,
        &AugmentationOptions::low_resolution_probability, &AugmentationOptions::lesion_probability}) {
    AugmentationOptions one = none;
    one.*probability = 1;
    EXPECT_EQ(values(one, 5), values(one, 5));
    EXPECT_NE(values(one, 5), plain);
  }
}

TEST(AugmentationMechanics, BentLabelsMoveWithTheImage) {
  const auto c = block_case();
  AugmentationOptions bent;
  bent.gain_probability = bent.gamma_probability = bent.noise_probability = bent.blur_probability =
      bent.bias_probability = bent.dropout_probability = 0;
  bent.elastic_probability = 1;
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    Random random(seed);
    const auto s = draw_sample(c, {6, 7.5, 7.5}, {16, 16, 16}, 1, bent, random);
    std::size_t agree = 0;
    for (std::size_t i = 0; i < s.label.size(); ++i) agree += (s.input.values[i] > 2.25F) == (s.label[i] > 0);
    EXPECT_GT(static_cast<double>(agree) / static_cast<double>(s.label.size()), 0.96) << seed;
  }
}

TEST(AugmentationMechanics, ThickSlicesKeepTheMean) {
  const auto c = block_case();
  AugmentationOptions thick;
  thick.flip = thick.rotation_probability = thick.scale_probability = thick.gain_probability = thick.gamma_probability =
      thick.noise_probability = thick.blur_probability = thick.bias_probability = thick.dropout_probability = 0;
  thick.low_resolution_probability = 1;
  Random random(2);
  const auto s = draw_sample(c, {7.5, 7.5, 7.5}, {16, 16, 16}, 1, thick, random);
  double before = 0, after = 0;
  for (std::size_t i = 0; i < 4096; ++i) {
    before += static_cast<double>(c.input.values[i]);
    after += static_cast<double>(s.input.values[i]);
  }
  EXPECT_NEAR(after, before, 0.15 * before);
  EXPECT_LT(*std::max_element(s.input.values.begin(), s.input.values.end()), 4.001F);
}

TEST(AugmentationMechanics, DownToTwoSequencesMayBeDropped) {
  auto c = block_case();
  c.input.channels = 4;
  c.present.push_back(true);
  c.input.values.resize(4 * 4096, 1.0F);
  AugmentationOptions o = AugmentationOptions::strong();
  o.flair_dropout_probability = o.dropout_probability = 1;
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    Random random(seed);
    const auto s = draw_sample(c, {7, 7, 7}, {16, 16, 16}, 1, o, random);
    std::vector<bool> empty;
    for (std::ptrdiff_t ch = 0; ch < 4; ++ch)
      empty.push_back(std::all_of(s.input.values.begin() + ch * 4096, s.input.values.begin() + (ch + 1) * 4096,
                                  [](float v) { return v == 0; }));
    EXPECT_EQ(std::ranges::count(empty, true), 2) << seed;
    EXPECT_TRUE(empty[3]) << seed;
  }
}

TEST(Tissue, TumourLabelsAreClassesOfTheirOwnAndBrightnessTellsTheRest) {
  auto c = block_case();
  for (std::size_t i = 0; i < 2048; ++i)  // two halves of the brain
    for (std::size_t ch = 0; ch < 3; ++ch)
      if (c.label[i] == 0) c.input.values[ch * 4096 + i] = -1;
  const auto classes = tissue_classes(c, 1);
  EXPECT_EQ(classes, tissue_classes(c, 1));
  for (std::size_t i = 0; i < classes.size(); ++i) {
    if (c.label[i] == 0) {
      EXPECT_TRUE(classes[i] >= 1 && classes[i] <= 6) << i;
    } else {
      EXPECT_EQ(classes[i], c.label[i] == 4 ? 9 : 8) << i;
    }
  }
  EXPECT_NE(classes.front(), classes.back());
  Random random(3);
  const auto painted = draw_sample(c, {7.5, 7.5, 7.5}, {16, 16, 16}, 1, {}, random, classes);
  EXPECT_NE(painted.input.values, c.input.values);
}

TEST(Tissue, WithoutItsTumourACaseShowsTheOtherSide) {
  auto c = block_case();
  const auto side = [](std::size_t i) { return 0.5F + 0.1F * std::abs(static_cast<float>(i % 16) - 7.5F); };
  for (std::size_t i = 0; i < 4096; ++i)
    for (std::size_t ch = 0; ch < 3; ++ch)
      if (c.label[i] == 0) c.input.values[ch * 4096 + i] = side(i);
  // Without its columns at the middle, so that the margin around the tumour stays on its side.
  for (std::size_t i = 0; i < 4096; ++i)
    if (c.label[i] != 0 && i % 16 > 3) {
      c.label[i] = 0;
      for (std::size_t ch = 0; ch < 3; ++ch) c.input.values[ch * 4096 + i] = side(i);
    }
  const auto healthy = without_tumour(c);
  ASSERT_TRUE(healthy.has_value());
  EXPECT_TRUE(std::ranges::all_of(healthy->label, [](std::uint8_t l) { return l == 0; }));
  for (std::size_t i = 0; i < 4096; ++i) EXPECT_NEAR(healthy->input.values[i], side(i), 1e-5) << i;
  for (auto& l : c.label) l = 1;
  EXPECT_FALSE(without_tumour(c).has_value()) << "no side can give";
}
