// Resampling keeps physical positions, whatever the grids; reorientation is exact; the working grid holds the brain.
#include <gliocast/core/error.hpp>
#include <gliocast/image/reorient.hpp>
#include <gliocast/image/resample.hpp>
#include <gliocast/image/working_grid.hpp>

#include <gliocast/core/random.hpp>

#include <gtest/gtest.h>

#include <cmath>

using namespace gliocast;
using namespace gliocast::image;

namespace {

Geometry oblique(Size3 size, Vec3 spacing) {
  Geometry g;
  g.size = size;
  g.spacing_mm = spacing;
  g.origin_mm = {-20, 15, -10};
  const double c = std::cos(0.3), s = std::sin(0.3);
  g.direction = {c, -s, 0, s, c, 0, 0, 0, 1};
  return g;
}

/// A function of position that linear interpolation reproduces.
double plane(const Vec3& p) { return 3 + 0.5 * p[0] - 0.25 * p[1] + 0.125 * p[2]; }

Volume<float> sampled(const Geometry& g) {
  Volume<float> v(g);
  for (std::size_t z = 0; z < g.size[2]; ++z)
    for (std::size_t y = 0; y < g.size[1]; ++y)
      for (std::size_t x = 0; x < g.size[0]; ++x)
        v.at(x, y, z) = static_cast<float>(
            plane(g.index_to_lps_mm({static_cast<double>(x), static_cast<double>(y), static_cast<double>(z)})));
  return v;
}

}  // namespace

TEST(ResampleInvariant, APlaneStaysAPlaneBetweenObliqueGrids) {
  const auto source = sampled(oblique({40, 40, 30}, {1, 1.5, 2}));
  Geometry target;
  target.size = {10, 12, 9};
  target.spacing_mm = {1.3, 0.8, 1.1};
  target.origin_mm = source.geometry.index_to_lps_mm({14, 14, 10});
  for (const auto how : {Interpolation::Linear, Interpolation::BSpline}) {
    const auto out = resample(source, target, how, -99);
    const double tolerance =
        how == Interpolation::Linear ? 1e-4 : 0.02;  // the spline's mirrored border reaches a little way in
    for (std::size_t z = 0; z < 9; ++z)
      for (std::size_t y = 0; y < 12; ++y)
        for (std::size_t x = 0; x < 10; ++x)
          EXPECT_NEAR(
              out.at(x, y, z),
              plane(target.index_to_lps_mm({static_cast<double>(x), static_cast<double>(y), static_cast<double>(z)})),
              tolerance);
  }
}

TEST(ResampleInvariant, TheSameGridIsCopiedBitForBit) {
  const auto source = sampled(oblique({12, 11, 10}, {1, 1, 3}));
  EXPECT_EQ(resample(source, source.geometry, Interpolation::BSpline).voxels, source.voxels);
}

TEST(ResampleInvariant, OutsideGetsTheGivenValue) {
  const auto source = sampled(oblique({12, 11, 10}, {1, 1, 1}));
  Geometry far = source.geometry;
  far.origin_mm = {500, 500, 500};
  for (const float v : resample(source, far, Interpolation::Linear, -7).voxels) EXPECT_EQ(v, -7);
}

TEST(ResampleInvariant, ThreadCountDoesNotChangeABit) {
  const auto source = sampled(oblique({40, 40, 30}, {1, 1.5, 2}));
  Geometry target = source.geometry;
  target.spacing_mm = {0.7, 0.9, 1.7};
  std::vector<std::vector<float>> results;
  for (const std::size_t threads : {1U, 2U, 3U}) {
    set_image_threads(threads);
    results.push_back(resample(source, target, Interpolation::BSpline).voxels);
  }
  set_image_threads(0);
  EXPECT_EQ(results[0], results[1]);
  EXPECT_EQ(results[0], results[2]);
}

TEST(ResampleInvariant, LabelsStayLabels) {
  LabelVolume labels(oblique({12, 12, 12}, {1, 1, 1}));
  for (std::size_t i = 0; i < labels.voxels.size(); ++i) labels.voxels[i] = i % 3 == 0 ? 4 : 0;
  Geometry target = labels.geometry;
  target.spacing_mm = {0.6, 0.6, 0.6};
  for (const auto v : resample_labels(labels, target).voxels) EXPECT_TRUE(v == 0 || v == 4);
}

TEST(ReorientInvariant, PositionsStayAndTheWayBackIsExact) {
  const auto source = sampled(oblique({5, 6, 7}, {1, 2, 3}));
  EXPECT_EQ(orientation_code(source.geometry), "LPS");
  for (const char* code : {"RAS", "PSR", "ILA", "LPS"}) {
    const auto turned = reorient(source, code);
    EXPECT_EQ(orientation_code(turned.geometry), code);
    for (std::size_t z = 0; z < turned.geometry.size[2]; ++z)
      for (std::size_t y = 0; y < turned.geometry.size[1]; ++y)
        for (std::size_t x = 0; x < turned.geometry.size[0]; ++x)
          EXPECT_NEAR(turned.at(x, y, z),
                      plane(turned.geometry.index_to_lps_mm(
                          {static_cast<double>(x), static_cast<double>(y), static_cast<double>(z)})),
                      1e-4);
    const auto back = reorient(turned, "LPS");
    EXPECT_EQ(back.voxels, source.voxels);
    EXPECT_TRUE(same_grid(back.geometry, source.geometry, 1e-9));
  }
  EXPECT_THROW((void)reorient(source, "LLS"), Error);
  EXPECT_THROW((void)reorient(source, "XYZ"), Error);
}

TEST(WorkingGridInvariant, HoldsTheBrainAndKeepsOneMillimetreCentres) {
  Geometry g;
  g.size = {60, 50, 40};
  g.origin_mm = {0, -239, 0};
  Mask brain(g);
  for (std::size_t z = 10; z < 30; ++z)
    for (std::size_t y = 12; y < 40; ++y)
      for (std::size_t x = 20; x < 45; ++x) brain.at(x, y, z) = 1;
  const Geometry work = working_grid(brain);
  EXPECT_EQ(work.size, (Size3{35, 38, 30}));
  const Vec3 first = g.lps_mm_to_index(work.origin_mm);
  for (const double v : first) EXPECT_NEAR(v, std::round(v), 1e-9);
  EXPECT_EQ(count(resample_mask(brain, work)), count(brain));
  // And the other way: next to nothing is lost from an oblique thick-slice brain by two nearest-neighbour steps.
  Mask tilted(oblique({40, 40, 12}, {0.9, 0.9, 5.5}));
  for (std::size_t z = 3; z < 9; ++z)
    for (std::size_t y = 8; y < 30; ++y)
      for (std::size_t x = 8; x < 30; ++x) tilted.at(x, y, z) = 1;
  const Mask back = resample_mask(resample_mask(tilted, working_grid(tilted)), tilted.geometry);
  std::size_t differ = 0;
  for (std::size_t i = 0; i < back.voxels.size(); ++i) differ += back.voxels[i] != tilted.voxels[i];
  EXPECT_LT(static_cast<double>(differ), 0.02 * static_cast<double>(count(tilted)));
}

TEST(WorkingGridInvariant, LastDigitsOfAHeaderDecideNothing) {
  Geometry g;
  g.size = {40, 44, 30};
  g.spacing_mm = {2, 1.8, 3};
  g.origin_mm = {-40, 239.5, -17.3};
  Mask brain(g);
  for (std::size_t z = 5; z < 25; ++z)
    for (std::size_t y = 7; y < 36; ++y)
      for (std::size_t x = 6; x < 33; ++x) brain.at(x, y, z) = 1;
  const Geometry work = working_grid(brain);
  const Mask mask = resample_mask(brain, work);
  Random random(5);
  for (int k = 0; k < 40; ++k) {
    Mask other = brain;
    for (double& v : other.geometry.origin_mm) v += (std::abs(v) + 1) * 1e-6 * random.uniform(-1, 1);
    for (double& v : other.geometry.spacing_mm) v *= 1 + 1e-6 * random.uniform(-1, 1);
    for (double& v : other.geometry.direction) v += 1e-6 * random.uniform(-1, 1);
    const Geometry grid = working_grid(other);
    ASSERT_EQ(grid.size, work.size);
    EXPECT_EQ(resample_mask(other, grid).voxels, mask.voxels);
    EXPECT_EQ(field_of_view(other.geometry, grid).voxels, field_of_view(g, work).voxels);
    EXPECT_EQ(without_last_digits(other.geometry), without_last_digits(g));
  }
  EXPECT_TRUE(same_grid(without_last_digits(g), g, 0.02));
  const Geometry tilted = without_last_digits(oblique({40, 40, 12}, {0.9, 0.9, 5.5}));
  EXPECT_TRUE(same_grid(tilted, oblique({40, 40, 12}, {0.9, 0.9, 5.5}), 0.05));
  for (std::size_t a = 0; a < 3; ++a)
    EXPECT_NEAR(std::hypot(tilted.direction[a], tilted.direction[3 + a], tilted.direction[6 + a]), 1, 1e-12);
}

TEST(ResampleInvariant, TheFieldOfViewEndsWithTheOutermostVoxels) {
  Geometry source, target;
  source.size = {10, 10, 10};
  source.spacing_mm = {2, 2, 2};
  target.size = {30, 30, 30};
  target.origin_mm = {-5, -5, -5};
  const Mask seen = field_of_view(source, target);
  // Voxels from −1 to 19 mm: centres at 0 to 18 mm lie within, those on the edges do not.
  EXPECT_EQ(count(seen), 19U * 19U * 19U);
  EXPECT_TRUE(seen.at(5, 5, 5) && seen.at(23, 23, 23));
  EXPECT_FALSE(seen.at(4, 5, 5) || seen.at(5, 24, 5));
  EXPECT_EQ(count(field_of_view(source, target, {AffineMap{}.matrix, {100, 0, 0}})), 0U);
}

TEST(DownsampleInvariant, MeansAndMajorities) {
  Geometry g;
  g.size = {5, 4, 4};
  g.origin_mm = {1, 2, 3};
  Volume<float> v(g, 2);
  const auto half = downsample_mean(v, 2);
  EXPECT_EQ(half.geometry.size, (Size3{3, 2, 2}));
  EXPECT_EQ(half.geometry.origin_mm, (Vec3{1.5, 2.5, 3.5}));
  EXPECT_EQ(half.at(0, 0, 0), 2);
  EXPECT_EQ(half.at(2, 0, 0), 1);  // half of the block lies beyond the end
  LabelVolume l(g);
  for (std::size_t i = 0; i < 3; ++i) l.voxels[l.index(i % 2, i / 2, 0)] = 4;
  EXPECT_EQ(downsample_labels(l, 2).at(0, 0, 0), 0U);  // 3 of 8
  l.at(1, 1, 0) = 1;
  EXPECT_EQ(downsample_labels(l, 2).at(0, 0, 0), 4U);  // 4 of 8, most of them 4
}

TEST(ResampleInvariant, HalfwayGridsKeepAMasksVolume) {
  Geometry g;
  g.size = {40, 40, 30};
  g.spacing_mm = {2, 2, 2};
  Mask ball(g);
  for (std::size_t z = 0; z < 30; ++z)
    for (std::size_t y = 0; y < 40; ++y)
      for (std::size_t x = 0; x < 40; ++x) {
        const double square = std::pow(static_cast<double>(x) - 20, 2) + std::pow(static_cast<double>(y) - 19, 2) +
                              std::pow(static_cast<double>(z) - 14, 2);
        ball.at(x, y, z) = square < 64;
      }
  Geometry fine;
  fine.size = {80, 80, 60};
  const Mask on_fine = resample_mask_linear(ball, fine);
  const double own = static_cast<double>(count(ball)) * g.voxel_volume_mm3();
  EXPECT_NEAR(static_cast<double>(count(on_fine)) / own, 1, 0.02);
  Random random(3);
  for (int k = 0; k < 20; ++k) {
    Mask other = ball;
    for (double& v : other.geometry.origin_mm) v += 1e-6 * random.uniform(-1, 1);
    for (double& v : other.geometry.spacing_mm) v *= 1 + 1e-6 * random.uniform(-1, 1);
    EXPECT_EQ(resample_mask_linear(other, fine).voxels, on_fine.voxels);
  }
}
