// Side, enhancement and lobe, on heads made here.
#include "ball_head.hpp"

#include <gliocast/findings/enhancement.hpp>
#include <gliocast/findings/location.hpp>

#include <gtest/gtest.h>

#include <cmath>

namespace gliocast::findings {
namespace {

using Verdict = Enhancement::Verdict;
using Obstacle = Enhancement::Obstacle;

TEST(Measure, SideFollowsThePatient) {
  // LPS: x grows to the patient's left.
  const auto left = head(56, false), right = head(24, false), middle = head(40, false);
  EXPECT_EQ(side_of(left_fraction(left.tumour, left.brain)), Side::Left);
  EXPECT_EQ(side_of(left_fraction(right.tumour, right.brain)), Side::Right);
  EXPECT_EQ(side_of(left_fraction(middle.tumour, middle.brain)), Side::Both);
}

TEST(Measure, EnhancementIsMeasuredAndItsAbsenceTold) {
  // Each sequence in units of its own: only ratios to white matter count.
  const auto in_units = [](std::map<Sequence, Volume<float>> sequences) {
    for (auto& [s, v] : sequences)
      for (float& x : v.voxels) x = (s == Sequence::T1 ? 3.0F : 0.7F) * (500 + 100 * x);
    return sequences;
  };
  const auto bright = head(56, true), plain = head(56, false);
  const auto yes = measure_enhancement(in_units(bright.zscores), bright.tumour, bright.brain),
             no = measure_enhancement(in_units(plain.zscores), plain.tumour, plain.brain);
  EXPECT_EQ(yes.verdict, Verdict::Yes);
  EXPECT_NEAR(yes.volume_cm3, 4.0 / 3 * 3.14159 * 343 / 1000, 0.35);  // a ball of 7 mm
  EXPECT_EQ(no.verdict, Verdict::No);
  auto one = in_units(bright.zscores);
  one.erase(Sequence::T1);
  const auto alone = measure_enhancement(one, bright.tumour, bright.brain);
  EXPECT_EQ(alone.verdict, Verdict::NotMeasurable);
  EXPECT_EQ(alone.missing, Sequence::T1);
  const auto none = measure_enhancement(in_units(bright.zscores), Mask(bright.brain.geometry), bright.brain);
  EXPECT_EQ(none.obstacle, Obstacle::NoTumour);
  auto negative = in_units(bright.zscores);
  for (float& x : negative[Sequence::T1].voxels) x -= 10000;
  EXPECT_EQ(measure_enhancement(negative, bright.tumour, bright.brain).obstacle, Obstacle::TooLittleNormalBrain);
}

TEST(Measure, LobeIsTheNearestLabelOnTheWay) {
  Geometry g;
  g.size = {40, 40, 40};
  g.origin_mm = {-20, -20, -20};
  LabelVolume aal(g);
  for (std::size_t z = 0; z < 40; ++z)
    for (std::size_t y = 0; y < 40; ++y) {
      for (std::size_t x = 0; x < 10; ++x) aal.at(x, y, z) = 1;    // precentral: frontal, at x < 0 (right)
      for (std::size_t x = 34; x < 40; ++x) aal.at(x, y, z) = 43;  // calcarine: occipital
    }
  Mask tumour(g);
  for (std::size_t y = 18; y < 24; ++y)
    for (std::size_t z = 18; z < 24; ++z)
      for (std::size_t x = 12; x < 18; ++x) tumour.at(x, y, z) = 1;  // white matter: 2 to 8 mm from the frontal label
  const auto found = locate(tumour, [](const Vec3& p) { return p; }, aal);
  EXPECT_EQ(found.main, Lobe::Frontal);
  ASSERT_EQ(found.lobes.size(), 1u);
  EXPECT_DOUBLE_EQ(found.lobes[0].second, 1);
  EXPECT_EQ(side_of(found.left_fraction), Side::Right);
  const auto far = locate(tumour, [](const Vec3& p) { return Vec3{p[0], p[1], p[2] + 100}; }, aal);
  EXPECT_EQ(far.main, Lobe::None);
}

}  // namespace
}  // namespace gliocast::findings
