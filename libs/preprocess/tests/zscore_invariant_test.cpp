// z-scores do not change with gain and offset; flat brains are an error.
#include <gliocast/core/error.hpp>
#include <gliocast/core/random.hpp>
#include <gliocast/preprocess/zscore.hpp>

#include <gtest/gtest.h>

using namespace gliocast;

TEST(ZscoreInvariant, GainAndOffsetChangeNothing) {
  Geometry g;
  g.size = {12, 12, 12};
  Volume<float> a(g), b(g);
  Mask brain(g);
  Random random(4);
  for (std::size_t i = 0; i < a.voxels.size(); ++i) {
    a.voxels[i] = static_cast<float>(random.normal());
    b.voxels[i] = 250 * a.voxels[i] + 1000;
    brain.voxels[i] = i % 3 != 0;
  }
  const auto p = preprocess::zscore(a, brain), q = preprocess::zscore(b, brain);
  for (std::size_t i = 0; i < p.voxels.size(); ++i) EXPECT_NEAR(p.voxels[i], q.voxels[i], 1e-4);
  EXPECT_EQ(p.voxels[0], 0);
  EXPECT_THROW((void)preprocess::zscore(Volume<float>(g, 5), brain), Error);
  EXPECT_THROW((void)preprocess::zscore(a, Mask(g)), Error);
}
