// Connected components: 26 neighbours, size floor, ties; holes by faces.
#include <gliocast/image/components.hpp>

#include <gliocast/core/random.hpp>

#include <gtest/gtest.h>

using namespace gliocast;
using namespace gliocast::image;

namespace {

Mask empty(Size3 size = {20, 20, 20}) {
  Geometry g;
  g.size = size;
  return Mask(g);
}

void block(Mask& m, std::size_t from, std::size_t to) {
  for (std::size_t z = from; z < to; ++z)
    for (std::size_t y = from; y < to; ++y)
      for (std::size_t x = from; x < to; ++x) m.at(x, y, z) = 1;
}

}  // namespace

TEST(Components, CornersConnect) {
  auto m = empty();
  m.at(3, 3, 3) = m.at(4, 4, 4) = m.at(10, 3, 3) = 1;
  EXPECT_EQ(component_sizes(m), (std::vector<std::size_t>{2, 1}));
}

TEST(Components, KeepsTheLargestAboveTheFloor) {
  auto m = empty();
  block(m, 1, 5);    // 64
  block(m, 7, 10);   // 27
  block(m, 12, 14);  // 8
  m.at(18, 18, 18) = 1;
  EXPECT_EQ(count(keep_largest_components(m, {.keep = 1, .min_volume_mm3 = 0, .min_fraction = 0})), 64U);
  EXPECT_EQ(count(keep_largest_components(m, {.keep = 9, .min_volume_mm3 = 5, .min_fraction = 0})), 64U + 27 + 8);
  EXPECT_EQ(count(keep_largest_components(m, {.keep = 9, .min_volume_mm3 = 0, .min_fraction = 0.2})), 64U + 27);
  EXPECT_EQ(count(keep_largest_components(m, {.keep = 9, .min_volume_mm3 = 100, .min_fraction = 0})), 0U);
}

TEST(Components, HolesAreFilledCavitiesWithAWayOutAreNot) {
  auto m = empty();
  block(m, 4, 12);
  m.at(7, 7, 7) = 0;
  EXPECT_EQ(count(fill_holes(m)), 512U);
  for (std::size_t z = 7; z < 20; ++z) m.at(7, 7, z) = 0;
  EXPECT_EQ(fill_holes(m).voxels, m.voxels);
}

TEST(Components, HolesOfAPlaneAreThoseWithinIt) {
  auto m = empty({9, 9, 1});
  for (std::size_t i = 2; i < 7; ++i) m.at(i, 2, 0) = m.at(i, 6, 0) = m.at(2, i, 0) = m.at(6, i, 0) = 1;
  EXPECT_EQ(count(fill_holes(m)), 25U);
  m.at(2, 4, 0) = 0;
  EXPECT_EQ(fill_holes(m).voxels, m.voxels);
}

/// Fills what the background cannot leave by faces: spreads "outside" over the whole grid until nothing changes.
Mask filled_slowly(const Mask& m) {
  const Size3& n = m.geometry.size;
  Mask outside(m.geometry);
  const auto reached = [&](std::size_t x, std::size_t y, std::size_t z) {
    if (x == 0 || y == 0 || z == 0 || x + 1 == n[0] || y + 1 == n[1] || z + 1 == n[2]) return true;
    return outside.at(x - 1, y, z) || outside.at(x + 1, y, z) || outside.at(x, y - 1, z) || outside.at(x, y + 1, z) ||
           outside.at(x, y, z - 1) || outside.at(x, y, z + 1);
  };
  for (bool changed = true; changed;) {
    changed = false;
    for (std::size_t z = 0; z < n[2]; ++z)
      for (std::size_t y = 0; y < n[1]; ++y)
        for (std::size_t x = 0; x < n[0]; ++x)
          if (!m.at(x, y, z) && !outside.at(x, y, z) && reached(x, y, z)) {
            outside.at(x, y, z) = 1;
            changed = true;
          }
  }
  for (auto& v : outside.voxels) v = !v;
  return outside;
}

TEST(Components, HolesOfRandomMasksAreThoseOfASlowFill) {
  Random random(7);
  for (int k = 0; k < 60; ++k) {
    auto m = empty({4 + random.below(9), 3 + random.below(9), 2 + random.below(9)});
    const double share = 0.3 + 0.6 * random.uniform();
    for (auto& v : m.voxels) v = random.uniform() < share;
    EXPECT_EQ(fill_holes(m).voxels, filled_slowly(m).voxels) << k;
  }
}
