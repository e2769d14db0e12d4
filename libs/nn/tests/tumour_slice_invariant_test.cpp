#include <gliocast/core/error.hpp>
#include <gliocast/nn/augmentation.hpp>
#include <gliocast/nn/tumour_slice.hpp>

#include <gtest/gtest.h>

#include <algorithm>

using namespace gliocast;
using namespace gliocast::nn;

namespace {

/// Each voxel's value names its place.
TrainingCase numbered(const std::array<std::int64_t, 3>& size_zyx) {
  TrainingCase c;
  c.id = "numbered";
  c.input = {2, size_zyx, 1, {}};
  c.present = {true, false};
  c.group = "A";
  const auto n = static_cast<std::size_t>(c.input.voxels());
  for (std::size_t i = 0; i < 2 * n; ++i) c.input.values.push_back(static_cast<float>(i + 1));
  c.label.assign(n, 0);
  return c;
}

}  // namespace

TEST(TumourSlice, TheSliceWithTheLargestAreaTheLowestOfSeveral) {
  TrainingCase c = numbered({4, 3, 5});
  c.label[15] = 4;                // slice 1: one voxel
  c.label[30] = c.label[31] = 2;  // slice 2: two
  c.label[45] = c.label[46] = 1;  // slice 3: two
  const TrainingCase s = tumour_slice(c, {3, 5});
  EXPECT_EQ(s.input.size_zyx, (std::array<std::int64_t, 3>{1, 3, 5}));
  EXPECT_EQ(s.input.channels, 2);
  EXPECT_EQ(s.present, c.present);
  EXPECT_EQ(s.group, "A");
  for (std::size_t i = 0; i < 15; ++i) {
    EXPECT_EQ(s.input.values[i], c.input.values[30 + i]);
    EXPECT_EQ(s.input.values[15 + i], c.input.values[60 + 30 + i]) << "the second channel";
    EXPECT_EQ(s.label[i], c.label[30 + i]);
  }
}

TEST(TumourSlice, CentredCropAndPadding) {
  TrainingCase c = numbered({1, 3, 6});
  c.label[0] = 1;
  const TrainingCase s = tumour_slice(c, {7, 2});  // two rows of zeros on either side; the middle two columns
  const auto value = [&](std::int64_t y, std::int64_t x) {
    return s.input.values[static_cast<std::size_t>(2 * y + x)];
  };
  for (const std::int64_t y : {0, 1, 5, 6}) EXPECT_EQ(value(y, 0) + value(y, 1), 0) << y;
  for (std::int64_t y = 0; y < 3; ++y)
    for (std::int64_t x = 0; x < 2; ++x)
      EXPECT_EQ(value(y + 2, x), c.input.values[static_cast<std::size_t>(6 * y + x + 2)]);
}

TEST(TumourSlice, NoTumourIsAnErrorThatNamesThePatient) {
  try {
    (void)tumour_slice(numbered({2, 2, 2}), {4, 4});
    ADD_FAILURE();
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), ExitCode::UnusableInput);
    EXPECT_NE(std::string(e.what()).find("numbered"), std::string::npos);
  }
}

TEST(TumourSlice, ChangesOfASliceStayInItsPlane) {
  // A slice that is 1 everywhere stays 1 wherever the map takes it within the slice: out of plane it would fade.
  TrainingCase c = numbered({1, 40, 40});
  std::ranges::fill(c.input.values, 1.0F);
  c.present = {true, true};
  AugmentationOptions o = AugmentationOptions::slice();
  o.rotation_probability = o.scale_probability = 1;
  o.gain_probability = o.gamma_probability = o.noise_probability = o.blur_probability = o.bias_probability = 0;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    Random random(seed);
    const Sample s = draw_sample(c, {19.5, 19.5, 0}, {1, 16, 16}, 1, o, random);
    for (const float v : s.input.values) ASSERT_NEAR(v, 1, 1e-6) << seed;
  }
  o.in_plane = false;
  Random random(1);
  const Sample s = draw_sample(c, {19.5, 19.5, 0}, {1, 16, 16}, 1, o, random);
  EXPECT_LT(*std::ranges::min_element(s.input.values), 0.9);
}
