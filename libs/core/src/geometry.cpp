#include <gliocast/core/geometry.hpp>

#include <cmath>
#include <cstdio>

namespace gliocast {
namespace {

std::string triple(const Vec3& v, const char* separator) {
  char text[96];
  std::snprintf(text, sizeof text, "%.6g%s%.6g%s%.6g", v[0], separator, v[1], separator, v[2]);
  return text;
}

std::string triple(const Size3& v) {
  return std::to_string(v[0]) + "×" + std::to_string(v[1]) + "×" + std::to_string(v[2]);
}

Vec3 corner(const Geometry& g, unsigned bits) {
  Vec3 index{};
  for (unsigned a = 0; a < 3; ++a)
    index[a] = ((bits >> a) & 1U) && g.size[a] > 0 ? static_cast<double>(g.size[a] - 1) : 0.0;
  return g.index_to_lps_mm(index);
}

}  // namespace

Vec3 multiply(const Mat3& m, const Vec3& v) noexcept {
  return {m[0] * v[0] + m[1] * v[1] + m[2] * v[2], m[3] * v[0] + m[4] * v[1] + m[5] * v[2],
          m[6] * v[0] + m[7] * v[1] + m[8] * v[2]};
}

double determinant(const Mat3& m) noexcept {
  return m[0] * (m[4] * m[8] - m[5] * m[7]) - m[1] * (m[3] * m[8] - m[5] * m[6]) + m[2] * (m[3] * m[7] - m[4] * m[6]);
}

Mat3 inverse(const Mat3& m) noexcept {
  const double d = 1.0 / determinant(m);
  return {(m[4] * m[8] - m[5] * m[7]) * d, (m[2] * m[7] - m[1] * m[8]) * d, (m[1] * m[5] - m[2] * m[4]) * d,
          (m[5] * m[6] - m[3] * m[8]) * d, (m[0] * m[8] - m[2] * m[6]) * d, (m[2] * m[3] - m[0] * m[5]) * d,
          (m[3] * m[7] - m[4] * m[6]) * d, (m[1] * m[6] - m[0] * m[7]) * d, (m[0] * m[4] - m[1] * m[3]) * d};
}

Vec3 Geometry::index_to_lps_mm(const Vec3& index) const noexcept {
  const Vec3 p = multiply(direction, {index[0] * spacing_mm[0], index[1] * spacing_mm[1], index[2] * spacing_mm[2]});
  return {p[0] + origin_mm[0], p[1] + origin_mm[1], p[2] + origin_mm[2]};
}

Vec3 Geometry::lps_mm_to_index(const Vec3& lps_mm) const noexcept {
  const Vec3 p =
      multiply(inverse(direction), {lps_mm[0] - origin_mm[0], lps_mm[1] - origin_mm[1], lps_mm[2] - origin_mm[2]});
  return {p[0] / spacing_mm[0], p[1] / spacing_mm[1], p[2] / spacing_mm[2]};
}

std::array<double, 16> Geometry::index_to_ras_matrix() const noexcept {
  std::array<double, 16> m{};
  for (std::size_t r = 0; r < 3; ++r) {
    const double sign = r < 2 ? -1.0 : 1.0;  // LPS to RAS
    for (std::size_t c = 0; c < 3; ++c) m[4 * r + c] = sign * direction[3 * r + c] * spacing_mm[c] + 0.0;
    m[4 * r + 3] = sign * origin_mm[r] + 0.0;
  }
  m[15] = 1;
  return m;
}

bool same_grid(const Geometry& a, const Geometry& b, double tolerance) noexcept {
  if (a.size != b.size) return false;
  for (unsigned bits = 0; bits < 8; ++bits) {
    const Vec3 index = a.lps_mm_to_index(corner(b, bits));
    for (unsigned axis = 0; axis < 3; ++axis) {
      const double expected = ((bits >> axis) & 1U) && a.size[axis] > 0 ? static_cast<double>(a.size[axis] - 1) : 0.0;
      if (!(std::abs(index[axis] - expected) <= tolerance)) return false;
    }
  }
  return true;
}

std::string describe(const Geometry& g) {
  return triple(g.size) + " voxels, " + triple(g.spacing_mm, "×") + " mm, origin (" + triple(g.origin_mm, ", ") +
         ") mm";
}

std::string describe_difference(const Geometry& a, const Geometry& b) {
  if (same_grid(a, b)) return {};
  if (a.size != b.size) return "size " + triple(a.size) + " vs " + triple(b.size) + " voxels";
  for (std::size_t i = 0; i < 3; ++i)
    if (std::abs(a.spacing_mm[i] - b.spacing_mm[i]) > 1e-4)
      return "spacing " + triple(a.spacing_mm, "×") + " vs " + triple(b.spacing_mm, "×") + " mm";
  for (std::size_t i = 0; i < 9; ++i)
    if (std::abs(a.direction[i] - b.direction[i]) > 1e-4) return "orientation";
  return "origin (" + triple(a.origin_mm, ", ") + ") vs (" + triple(b.origin_mm, ", ") + ") mm";
}

}  // namespace gliocast
