// Which voxels of a mask file hold a label, and what is said of the others.
#include <gliocast/core/error.hpp>
#include <gliocast/imageio/any_volume.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

using namespace gliocast;

namespace {

template <typename T>
imageio::FoundLabels found(const std::vector<T>& values) {
  Geometry g;
  g.size = {values.size(), 1, 1};
  return imageio::find_labels(Volume<T>(g, values));
}

using Labels = std::vector<std::uint32_t>;

}  // namespace

TEST(LabelMechanics, WhatIsNoLabelIsBackground) {
  EXPECT_EQ(found<std::int16_t>({-4, 0, 2, -29}).labels.voxels, (Labels{0, 0, 2, 0}));
  EXPECT_EQ(found<std::int8_t>({-1, 127}).labels.voxels, (Labels{0, 127}));  // not 2^32 - 1
  EXPECT_EQ(found<std::uint32_t>({0, 2147483648U, 4294967295U}).labels.voxels, (Labels{0, 2147483648U, 4294967295U}));
  EXPECT_EQ(found<std::uint64_t>({1, 4294967296U + 1, 4294967295U}).labels.voxels, (Labels{1, 0, 4294967295U}));
  EXPECT_EQ(found<std::int64_t>({-1, 5, 1LL << 40}).labels.voxels, (Labels{0, 5, 0}));
  const double nan = std::nan(""), inf = std::numeric_limits<double>::infinity();
  EXPECT_EQ(found<double>({nan, inf, -inf, 0.5, 1.5, -2, 3, 4294967295.0, 4294967296.0}).labels.voxels,
            (Labels{0, 0, 0, 0, 0, 0, 3, 4294967295U, 0}));
  EXPECT_EQ(found<float>({std::nanf(""), 1.7F, 1.0F, 2147483648.0F}).labels.voxels, (Labels{0, 0, 1, 2147483648U}));
}

TEST(LabelMechanics, ScaledLabelsAreWholeToSinglePrecision) {
  const auto scaled = static_cast<float>(255 * static_cast<double>(0.0039215686F));  // 1 but for the slope's rounding
  EXPECT_EQ(found<float>({scaled, 0.99999994F, 1.0000001F, 0.9999F}).labels.voxels, (Labels{1, 1, 1, 0}));
}

TEST(LabelMechanics, OthersAreTold) {
  EXPECT_EQ(found<std::uint8_t>({0, 1, 255}).others(), "");
  EXPECT_EQ(found<float>({0, 1, 2.5F}).others(), "1 voxel holds a broken number (2.5)");
  EXPECT_EQ(found<double>({-7, 0.25, 0.5, std::nan("")}).others(),
            "2 voxels hold broken numbers (0.25 …), 1 voxel is below 0, 1 voxel is not a number");
  EXPECT_EQ(found<std::int64_t>({1LL << 32, 1}).others(), "1 voxel is above 2^32 - 1");
}
