// The whole tumour is always inside the patch; what lies beyond the volume is background.
#include <gliocast/core/error.hpp>
#include <gliocast/nn/cropping.hpp>

#include <gtest/gtest.h>

#include <algorithm>

using namespace gliocast;
using namespace gliocast::nn;

namespace {

Mask box(Size3 size, Size3 from, Size3 to) {
  Geometry g;
  g.size = size;
  Mask m(g);
  for (std::size_t z = from[2]; z < to[2]; ++z)
    for (std::size_t y = from[1]; y < to[1]; ++y)
      for (std::size_t x = from[0]; x < to[0]; ++x) m.at(x, y, z) = 1;
  return m;
}

}  // namespace

TEST(CroppingInvariant, PatchIsCentredOnTheBoundingBox) {
  const auto plan = plan_patch(box({60, 70, 50}, {10, 20, 30}, {21, 31, 41}), {{32, 32, 32}, 1});
  EXPECT_EQ(plan.centre_xyz, (std::array<double, 3>{15, 25, 35}));
  EXPECT_FALSE(plan.shrunk);
}

TEST(CroppingInvariant, LargeTumourIsShrunkNeverCut) {
  const Mask tumour = box({200, 200, 200}, {5, 5, 5}, {195, 100, 60});
  const auto plan = plan_patch(tumour, {{96, 128, 96}, 1});
  EXPECT_TRUE(plan.shrunk);
  const NetworkInput input{1, {200, 200, 200}, 1, {tumour.voxels.begin(), tumour.voxels.end()}};
  const auto patch = cut_patch(input, plan).values;
  // Nothing of the tumour on the patch's faces beyond half a sample, and its volume is kept.
  double sum = 0;
  for (const float v : patch) sum += static_cast<double>(v);
  const double voxel = plan.step_xyz[0] * plan.step_xyz[1] * plan.step_xyz[2];
  EXPECT_NEAR(sum * voxel, static_cast<double>(count(tumour)), 0.02 * static_cast<double>(count(tumour)));
}

TEST(CroppingInvariant, BeyondTheEdgeIsBackground) {
  const Mask tumour = box({20, 20, 20}, {0, 0, 0}, {4, 4, 4});
  const NetworkInput input{1, {20, 20, 20}, 1, std::vector<float>(8000, 1.0F)};
  const auto plan = plan_patch(tumour, {{16, 16, 16}, 1});
  const auto patch = cut_patch(input, plan).values;
  EXPECT_EQ(patch.front(), 0.0F);  // outside
  EXPECT_EQ(patch.back(), 1.0F);
  EXPECT_EQ(static_cast<std::size_t>(std::ranges::count(patch, 1.0F)),
            1000U);  // samples at −6 … 9: ten of sixteen inside along each axis
}

TEST(CroppingInvariant, EveryChannelIsCutAlike) {
  const Mask tumour = box({20, 24, 22}, {4, 5, 6}, {9, 12, 11});
  NetworkInput input{2, {22, 24, 20}, 2, {}};
  for (std::size_t i = 0; i < 2 * tumour.voxels.size(); ++i) input.values.push_back(static_cast<float>(i % 89));
  const auto plan = plan_patch(tumour, {{16, 16, 16}, 0.5});
  const auto patch = cut_patch(input, plan);
  EXPECT_EQ(patch.channels, 2);
  EXPECT_EQ(patch.size_zyx, (std::array<std::int64_t, 3>{16, 16, 16}));
  EXPECT_EQ(patch.spacing_mm, 1);
  ASSERT_EQ(patch.values.size(), 2U * 16 * 16 * 16);
  const auto of_second = input.channel(1);
  const NetworkInput second{1, {22, 24, 20}, 2, {of_second.begin(), of_second.end()}};
  EXPECT_EQ(cut_patch(second, plan).values, std::vector<float>(patch.channel(1).begin(), patch.channel(1).end()));
}

TEST(CroppingInvariant, EmptyMaskIsAnError) {
  Geometry g;
  g.size = {8, 8, 8};
  EXPECT_THROW((void)plan_patch(Mask(g), {}), Error);
}

TEST(CroppingInvariant, ATurnedPlanReadsTheTurnedPlace) {
  NetworkInput input{1, {9, 9, 9}, 1, {}};
  for (int i = 0; i < 729; ++i) input.values.push_back(static_cast<float>(i));
  PatchPlan plan{{4, 4, 4}, {5, 5, 5}, {1, 1, 1}, false};
  const auto plain = cut_patch(input, plan).values;
  plan.turn = {-1, 0, 0, 0, 1, 0, 0, 0, 1};  // mirrored along x
  const auto mirrored = cut_patch(input, plan).values;
  for (std::size_t k = 0; k < 125; ++k) EXPECT_EQ(mirrored[k], plain[k - k % 5 + 4 - k % 5]) << k;
}
