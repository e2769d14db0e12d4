// Properties that hold for any region: position, mirror images, quarter turns, voxel size; meshes close.
#include <gliocast/core/error.hpp>
#include <gliocast/core/random.hpp>
#include <gliocast/radiomics/shape.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>
#include <utility>

using namespace gliocast;

namespace {

Mask random_blob(std::uint64_t seed, Size3 size = {14, 12, 13}, Vec3 spacing = {1, 1, 1}) {
  Geometry g;
  g.size = size;
  g.spacing_mm = spacing;
  Mask mask(g);
  Random random(seed);
  for (std::size_t z = 2; z + 2 < size[2]; ++z)
    for (std::size_t y = 2; y + 2 < size[1]; ++y)
      for (std::size_t x = 2; x + 2 < size[0]; ++x) mask.at(x, y, z) = random.chance(0.45);
  return mask;
}

/// Half-axes and centre in voxels.
Mask ellipsoid(Size3 size, Vec3 centre, Vec3 half) {
  Geometry g;
  g.size = size;
  Mask mask(g);
  for (std::size_t z = 0; z < size[2]; ++z)
    for (std::size_t y = 0; y < size[1]; ++y)
      for (std::size_t x = 0; x < size[0]; ++x)
        mask.at(x, y, z) =
            std::hypot((static_cast<double>(x) - centre[0]) / half[0], (static_cast<double>(y) - centre[1]) / half[1],
                       (static_cast<double>(z) - centre[2]) / half[2]) <= 1;
  return mask;
}

/// The region turned by 90° about z.
Mask quarter_turn(const Mask& a) {
  Geometry g = a.geometry;
  std::swap(g.size[0], g.size[1]);
  Mask turned(g);
  for (std::size_t z = 0; z < a.geometry.size[2]; ++z)
    for (std::size_t y = 0; y < a.geometry.size[1]; ++y)
      for (std::size_t x = 0; x < a.geometry.size[0]; ++x) turned.at(a.geometry.size[1] - 1 - y, x, z) = a.at(x, y, z);
  return turned;
}

std::map<std::string, double> values(const Mask& mask) {
  std::map<std::string, double> out;
  for (const auto& f : radiomics::shape_3d(mask)) out[f.name] = f.value;
  return out;
}

}  // namespace

TEST(ShapeInvariant, TranslationByWholeVoxelsChangesNothing) {
  const Mask a = random_blob(1);
  Mask b(a.geometry);
  for (std::size_t z = 1; z < 13; ++z)
    for (std::size_t y = 1; y < 12; ++y)
      for (std::size_t x = 1; x < 14; ++x) b.at(x - 1, y - 1, z - 1) = a.at(x, y, z);
  EXPECT_EQ(values(a), values(b));
}

TEST(ShapeInvariant, PaddingAndTouchingTheBorderChangeNothing) {
  const Mask a = random_blob(2);
  Geometry g = a.geometry;
  g.size = {10, 8, 9};
  Mask tight(g);
  for (std::size_t z = 0; z < 9; ++z)
    for (std::size_t y = 0; y < 8; ++y)
      for (std::size_t x = 0; x < 10; ++x) tight.at(x, y, z) = a.at(x + 2, y + 2, z + 2);
  EXPECT_EQ(values(a), values(tight));
}

TEST(ShapeInvariant, AQuarterTurnExchangesPlanesOnly) {
  const Mask a = random_blob(3);
  const auto p = values(a), q = values(quarter_turn(a));
  EXPECT_DOUBLE_EQ(p.at("Maximum2DDiameterColumn"), q.at("Maximum2DDiameterRow"));
  EXPECT_DOUBLE_EQ(p.at("Maximum2DDiameterSlice"), q.at("Maximum2DDiameterSlice"));
  EXPECT_NEAR(p.at("MajorAxisLength"), q.at("MajorAxisLength"), 1e-9);
}

// The faces of a cube whose corners are in and out crosswise may be cut in two ways: a ragged region's mesh depends on
// how it lies. An ellipsoid has none of them (what lies between a voxel and the middle is in), and its mesh turns.
TEST(ShapeInvariant, AQuarterTurnTurnsTheMeshOfAnEllipsoid) {
  const Mask a = ellipsoid({30, 26, 22}, {14.3, 12.1, 10.2}, {11.5, 7.2, 5.9});
  const auto p = values(a), q = values(quarter_turn(a));
  for (const char* name : {"MeshVolume", "SurfaceArea", "Sphericity", "Maximum3DDiameter", "MinorAxisLength"})
    EXPECT_NEAR(p.at(name), q.at(name), 1e-10 * p.at(name)) << name;
}

// A corner of the mesh lies halfway between a centre inside and one outside: within half a voxel of the sphere; the
// triangles between them, of less than a cube's half-diagonal about their middle, dip below it by that. The bound is
// of the order of a voxel over the radius. What is found is far smaller: bevels gained and lost cancel on a plane and
// leave what curvature makes of them, of the order of (voxel/radius)².
TEST(ShapeInvariant, TheMeshOfABallTendsToTheBall) {
  for (const double r : {6.0, 9.5, 15.0, 24.0}) {
    const auto n = static_cast<std::size_t>(2 * r + 5);
    const double c = r + 2.2;
    const auto v = values(ellipsoid({n, n, n}, {c, c + 0.13, c + 0.31}, {r, r, r}));
    const double ball = 4 * std::numbers::pi / 3 * r * r * r, volume = v.at("MeshVolume");
    EXPECT_LT(volume, ball * std::pow((r + 0.5) / r, 3)) << r;
    EXPECT_GT(volume, ball * std::pow(std::sqrt((r - 0.5) * (r - 0.5) - 0.75) / r, 3)) << r;
    EXPECT_NEAR(volume / ball, 1, 1 / (r * r)) << r;
  }
}

TEST(ShapeInvariant, SpacingScalesLengthsAreasAndVolumes) {
  const auto p = values(random_blob(4)), q = values(random_blob(4, {14, 12, 13}, {2, 2, 2}));
  EXPECT_NEAR(q.at("MeshVolume"), 8 * p.at("MeshVolume"), 1e-9 * q.at("MeshVolume"));
  EXPECT_NEAR(q.at("SurfaceArea"), 4 * p.at("SurfaceArea"), 1e-9 * q.at("SurfaceArea"));
  EXPECT_NEAR(q.at("Maximum3DDiameter"), 2 * p.at("Maximum3DDiameter"), 1e-9);
  EXPECT_NEAR(q.at("Sphericity"), p.at("Sphericity"), 1e-12);
}

TEST(ShapeInvariant, ABoxHasTheVolumeOfItsMesh) {
  Geometry g;
  g.size = {5, 6, 7};
  Mask box(g);
  for (std::size_t z = 1; z < 6; ++z)
    for (std::size_t y = 1; y < 5; ++y)
      for (std::size_t x = 1; x < 4; ++x) box.at(x, y, z) = 1;
  const auto v = values(box);
  // The mesh is the box of 3×4×5 less its bevels: 12 edges lose a triangle of 1/8 mm² over the n − 1 mm between voxel
  // centres (4·(2+3+4)/8), 8 corners lose the eighth of a voxel (1/8) but for the tetrahedron behind the corner's
  // triangle (1/48).
  EXPECT_NEAR(v.at("MeshVolume"), 60 - 9 * 4.0 / 8 - 8 * (1.0 / 8 - 1.0 / 48), 1e-9);
  EXPECT_DOUBLE_EQ(v.at("VoxelVolume"), 60);
}

// PyRadiomics: 0.0, of such regions in every plane.
TEST(ShapeInvariant, AFlatRegionHasNoThickness) {
  for (const Vec3 spacing : {Vec3{2.2, 1.9, 2.4}, Vec3{0.7, 1.1, 2.3}, Vec3{0.9, 0.9, 1.5}, Vec3{1.1, 0.7, 3.3}})
    for (std::size_t axis = 0; axis < 3; ++axis)
      for (std::size_t place = 2; place < 8; ++place) {
        const Mask blob = random_blob(place, {14, 12, 13}, spacing);
        Mask flat(blob.geometry);
        for (std::size_t z = 0; z < 13; ++z)
          for (std::size_t y = 0; y < 12; ++y)
            for (std::size_t x = 0; x < 14; ++x)
              if (Size3{x, y, z}[axis] == place) flat.at(x, y, z) = blob.at(x, y, z);
        const auto v = values(flat);
        EXPECT_EQ(v.at("LeastAxisLength"), 0) << axis << " " << place;
        EXPECT_EQ(v.at("Flatness"), 0) << axis << " " << place;
        EXPECT_GT(v.at("MinorAxisLength"), 0) << axis << " " << place;
      }
}

TEST(ShapeInvariant, OneVoxelAndEmptyAreErrors) {
  Geometry g;
  g.size = {3, 3, 3};
  Mask mask(g);
  EXPECT_THROW((void)radiomics::shape_3d(mask), Error);
  mask.at(1, 1, 1) = 1;
  EXPECT_THROW((void)radiomics::shape_3d(mask), Error);
}
