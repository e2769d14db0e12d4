#include "surface_mesh.hpp"

#include <algorithm>
#include <cmath>

namespace gliocast::radiomics {
namespace {

/// Middles of the 12 edges in half voxels (x, y, z).
constexpr std::array<std::array<std::int32_t, 3>, 12> kEdgeMiddle{{{1, 0, 0},
                                                                   {2, 1, 0},
                                                                   {1, 2, 0},
                                                                   {0, 1, 0},
                                                                   {1, 0, 2},
                                                                   {2, 1, 2},
                                                                   {1, 2, 2},
                                                                   {0, 1, 2},
                                                                   {0, 0, 1},
                                                                   {2, 0, 1},
                                                                   {2, 2, 1},
                                                                   {0, 2, 1}}};
constexpr std::array<std::array<std::int64_t, 3>, 8> kCorner{
    {{0, 0, 0}, {1, 0, 0}, {1, 1, 0}, {0, 1, 0}, {0, 0, 1}, {1, 0, 1}, {1, 1, 1}, {0, 1, 1}}};

Vec3 cross(const Vec3& a, const Vec3& b) {
  return {a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]};
}

}  // namespace

SurfaceMesh surface_mesh(const Mask& mask) {
  const auto nx = static_cast<std::int64_t>(mask.geometry.size[0]),
             ny = static_cast<std::int64_t>(mask.geometry.size[1]),
             nz = static_cast<std::int64_t>(mask.geometry.size[2]);
  const auto inside = [&](std::int64_t x, std::int64_t y, std::int64_t z) {
    return x >= 0 && y >= 0 && z >= 0 && x < nx && y < ny && z < nz &&
           mask.voxels[static_cast<std::size_t>(x + nx * (y + ny * z))] != 0;
  };
  SurfaceMesh mesh;
  const Vec3& s = mask.geometry.spacing_mm;
  for (std::int64_t z = -1; z < nz; ++z)
    for (std::int64_t y = -1; y < ny; ++y)
      for (std::int64_t x = -1; x < nx; ++x) {
        unsigned cube = 0;
        for (unsigned c = 0; c < 8; ++c)
          cube |= static_cast<unsigned>(inside(x + kCorner[c][0], y + kCorner[c][1], z + kCorner[c][2])) << c;
        if (cube == 0 || cube == 255) continue;
        const double sign = cube > 127 ? -1 : 1;
        const auto& edges = kMarchingCubes[cube > 127 ? 255 - cube : cube];
        for (std::size_t t = 0; edges[t] >= 0; t += 3) {
          std::array<Vec3, 3> p;
          for (std::size_t k = 0; k < 3; ++k) {
            const auto& m = kEdgeMiddle[static_cast<std::size_t>(edges[t + k])];
            const std::array<std::int32_t, 3> v{static_cast<std::int32_t>(2 * (x + 1)) + m[0],
                                                static_cast<std::int32_t>(2 * (y + 1)) + m[1],
                                                static_cast<std::int32_t>(2 * (z + 1)) + m[2]};
            mesh.vertices.push_back(v);
            for (std::size_t a = 0; a < 3; ++a) p[k][a] = 0.5 * v[a] * s[a];
          }
          const Vec3 ab{p[1][0] - p[0][0], p[1][1] - p[0][1], p[1][2] - p[0][2]},
              ac{p[2][0] - p[0][0], p[2][1] - p[0][1], p[2][2] - p[0][2]};
          const Vec3 normal = cross(ab, ac);
          mesh.area_mm2 += 0.5 * std::sqrt(normal[0] * normal[0] + normal[1] * normal[1] + normal[2] * normal[2]);
          const Vec3 bc = cross(p[1], p[2]);
          mesh.volume_mm3 += sign * (p[0][0] * bc[0] + p[0][1] * bc[1] + p[0][2] * bc[2]) / 6;
        }
      }
  mesh.volume_mm3 = std::abs(mesh.volume_mm3);
  std::ranges::sort(mesh.vertices, {}, [](const auto& v) { return std::array{v[2], v[1], v[0]}; });
  mesh.vertices.erase(std::unique(mesh.vertices.begin(), mesh.vertices.end()), mesh.vertices.end());
  return mesh;
}

}  // namespace gliocast::radiomics
