#pragma once
#include <gliocast/core/volume.hpp>

#include <array>
#include <cstdint>
#include <vector>

namespace gliocast::radiomics {

/// Triangles of the 128 marching-cubes cases with corner 7 outside, as edge numbers, −1 ends a row; the other cases are
/// these with inside and outside exchanged. Corners: 0 (0,0,0), 1 (1,0,0), 2 (1,1,0), 3 (0,1,0), 4–7 the same at z = 1.
/// Edges: 0–3 around z = 0, 4–7 around z = 1, 8–11 from z = 0 to z = 1.
extern const std::array<std::array<std::int8_t, 16>, 128> kMarchingCubes;

/// Surface of a mask at 0.5, vertices at the middle of edges.
struct SurfaceMesh {
  double area_mm2 = 0;
  double volume_mm3 = 0;
  std::vector<std::array<std::int32_t, 3>>
      vertices;  ///< distinct, in half voxels (x, y, z) from the first voxel of the mask padded by one
};

/// The mask may touch its volume's border; it is padded by one voxel, and that padding's first voxel is the origin:
/// where ambiguous faces leave holes in the surface, the signed volume depends on the origin, and this is PyRadiomics'.
/// Spacing in mm scales area and volume.
[[nodiscard]] SurfaceMesh surface_mesh(const Mask& mask);

}  // namespace gliocast::radiomics
