// Maps: composition, inversion, frames, and the direction in which resampling uses them.
#include <gliocast/core/random.hpp>
#include <gliocast/image/affine_map.hpp>
#include <gliocast/image/distance.hpp>
#include <gliocast/image/resample.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

using namespace gliocast;
using namespace gliocast::image;

TEST(AffineMapInvariant, InverseUndoesAndComposeChains) {
  const AffineMap a = rigid_map({0.2, -0.3, 0.5}, {5, -7, 9}, {10, 20, 30}),
                  b = rigid_map({-0.1, 0.4, 0.2}, {1, 2, 3}, {0, 0, 0});
  EXPECT_LT(rms_difference_mm(compose(a, inverse(a)), {}, {0, 0, 0}), 1e-9);
  const Vec3 p{3, -4, 5}, chained = a(b(p)), composed = compose(a, b)(p);
  for (std::size_t k = 0; k < 3; ++k) EXPECT_NEAR(chained[k], composed[k], 1e-9);
  EXPECT_NEAR(determinant(a.matrix), 1, 1e-12);
  EXPECT_NEAR(rotation_degrees(rigid_map({0, 0, 0.5}, {1, 2, 3}, {4, 5, 6})), 0.5 * 180 / 3.14159265358979, 1e-6);
  const AffineMap about = rigid_map({0.3, 0.1, -0.2}, {0, 0, 0}, {10, 20, 30});
  const Vec3 centre = about({10, 20, 30});
  EXPECT_NEAR(centre[0], 10, 1e-9);
  EXPECT_NEAR(centre[2], 30, 1e-9);
}

TEST(AffineMapInvariant, RmsDifferenceOfAShiftIsItsLength) {
  EXPECT_NEAR(rms_difference_mm({}, {AffineMap{}.matrix, {3, 4, 0}}, {50, 60, 70}), 5, 1e-12);
}

TEST(AffineMapInvariant, RasMatrixTurnsTheFrame) {
  const AffineMap a = rigid_map({0.2, -0.3, 0.5}, {5, -7, 9}, {1, 2, 3});
  const auto m = ras_matrix(a);
  const Vec3 lps{11, -12, 13}, out = a(lps);
  const Vec3 ras{-11, 12, 13};
  for (std::size_t r = 0; r < 3; ++r) {
    const double v = m[4 * r] * ras[0] + m[4 * r + 1] * ras[1] + m[4 * r + 2] * ras[2] + m[4 * r + 3];
    EXPECT_NEAR(v, (r < 2 ? -1 : 1) * out[r], 1e-9);
  }
}

TEST(AffineMapInvariant, ItkTextHoldsMatrixThenTranslation) {
  const auto text = itk_transform_text({AffineMap{}.matrix, {1.5, -2, 3}});
  EXPECT_NE(text.find("AffineTransform_double_3_3\nParameters: 1 0 0 0 1 0 0 0 1 1.5 -2 3\nFixedParameters: 0 0 0"),
            std::string::npos)
      << text;
}

TEST(AffineMapInvariant, ResamplingLooksUpWhereTheMapPoints) {
  Geometry g;
  g.size = {20, 20, 20};
  Volume<float> v(g);
  v.at(12, 7, 5) = 1;
  const auto moved = resample(v, g, Interpolation::Linear, 0, {AffineMap{}.matrix, {2, -3, 1}});
  EXPECT_FLOAT_EQ(moved.at(10, 10, 4), 1);
  Mask mask(g);
  mask.at(12, 7, 5) = 1;
  EXPECT_EQ(resample_mask(mask, g, {AffineMap{}.matrix, {2, -3, 1}}).at(10, 10, 4), 1);
}

TEST(DistanceInvariant, BallGrowsAndShrinksByItsRadius) {
  Geometry g;
  g.size = {41, 41, 41};
  g.spacing_mm = {1, 1, 2};
  Mask ball(g);
  for (std::size_t z = 0; z < 41; ++z)
    for (std::size_t y = 0; y < 41; ++y)
      for (std::size_t x = 0; x < 41; ++x)
        ball.at(x, y, z) = std::hypot(static_cast<double>(x) - 20, static_cast<double>(y) - 20,
                                      2 * (static_cast<double>(z) - 20)) <= 10;
  const auto d = signed_distance_mm(ball);
  EXPECT_NEAR(d.at(20, 20, 20), 10.5, 0.6);
  EXPECT_NEAR(d.at(0, 20, 20), -10, 1e-4);
  EXPECT_EQ(dilate(ball, 4).at(6, 20, 20), 1);
  EXPECT_EQ(dilate(ball, 4).at(5, 20, 20), 0);
  EXPECT_EQ(erode(ball, 4).at(13, 20, 20), 0);
  EXPECT_EQ(erode(ball, 4).at(16, 20, 20), 1);
  EXPECT_FLOAT_EQ(signed_distance_mm(Mask(g)).at(0, 0, 0), -1000);
  EXPECT_EQ(count(erode(Mask(g, 1), 3)), g.voxel_count());
}

TEST(DistanceInvariant, RandomMasksGrowAndShrinkAsByEveryPairOfVoxels) {
  Random random(11);
  for (int k = 0; k < 40; ++k) {
    Geometry g;
    g.size = {3 + random.below(10), 3 + random.below(10), 2 + random.below(8)};
    g.spacing_mm = {0.5 + random.uniform(), 0.5 + random.uniform(), 0.5 + 3 * random.uniform()};
    Mask m(g);
    const double share = k % 2 ? 0.02 + 0.1 * random.uniform() : 0.9;
    for (auto& v : m.voxels) v = random.uniform() < share;
    if (count(m) == 0 || count(m) == m.voxels.size()) continue;
    const double radius = 0.4 + 3 * random.uniform();
    const auto grown = dilate(m, radius), shrunk = erode(m, radius);
    const Size3& n = g.size;
    const auto at = [&](std::size_t i) { return Size3{i % n[0], i / n[0] % n[1], i / (n[0] * n[1])}; };
    for (std::size_t i = 0; i < m.voxels.size(); ++i) {
      double to_mask = 1e9, to_rest = 1e9;
      for (std::size_t j = 0; j < m.voxels.size(); ++j) {
        double squared = 0;
        for (std::size_t a = 0; a < 3; ++a)
          squared += std::pow((static_cast<double>(at(i)[a]) - static_cast<double>(at(j)[a])) * g.spacing_mm[a], 2);
        double& nearest = m.voxels[j] ? to_mask : to_rest;
        nearest = std::min(nearest, std::sqrt(squared));
      }
      EXPECT_EQ(grown.voxels[i], to_mask <= radius + 1e-3) << k << ' ' << i;
      EXPECT_EQ(shrunk.voxels[i], to_rest > radius + 1e-3) << k << ' ' << i;
    }
  }
}
