#include <gliocast/image/affine_map.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numbers>

namespace gliocast::image {
namespace {

Mat3 product(const Mat3& a, const Mat3& b) noexcept {
  Mat3 out{};
  for (std::size_t r = 0; r < 3; ++r)
    for (std::size_t c = 0; c < 3; ++c)
      for (std::size_t k = 0; k < 3; ++k) out[3 * r + c] += a[3 * r + k] * b[3 * k + c];
  return out;
}

}  // namespace

Vec3 AffineMap::operator()(const Vec3& p) const noexcept {
  Vec3 out = multiply(matrix, p);
  for (std::size_t a = 0; a < 3; ++a) out[a] += translation_mm[a];
  return out;
}

AffineMap compose(const AffineMap& outer, const AffineMap& inner) noexcept {
  return {product(outer.matrix, inner.matrix), outer(inner.translation_mm)};
}

AffineMap inverse(const AffineMap& map) noexcept {
  const Mat3 m = gliocast::inverse(map.matrix);
  Vec3 t = multiply(m, map.translation_mm);
  for (double& v : t) v = -v;
  return {m, t};
}

AffineMap rigid_map(const Vec3& angles_rad, const Vec3& shift_mm, const Vec3& centre_mm) noexcept {
  const double cx = std::cos(angles_rad[0]), sx = std::sin(angles_rad[0]), cy = std::cos(angles_rad[1]),
               sy = std::sin(angles_rad[1]), cz = std::cos(angles_rad[2]), sz = std::sin(angles_rad[2]);
  const Mat3 x{1, 0, 0, 0, cx, -sx, 0, sx, cx}, y{cy, 0, sy, 0, 1, 0, -sy, 0, cy}, z{cz, -sz, 0, sz, cz, 0, 0, 0, 1};
  AffineMap map{product(z, product(x, y)), {}};
  const Vec3 moved = multiply(map.matrix, centre_mm);
  for (std::size_t a = 0; a < 3; ++a) map.translation_mm[a] = centre_mm[a] - moved[a] + shift_mm[a];
  return map;
}

double rotation_degrees(const AffineMap& map) noexcept {
  const double trace = map.matrix[0] + map.matrix[4] + map.matrix[8];
  return std::acos(std::clamp((trace - 1) / 2, -1.0, 1.0)) * 180 / std::numbers::pi;
}

double rms_difference_mm(const AffineMap& a, const AffineMap& b, const Vec3& centre_mm, double radius_mm) noexcept {
  double squares = 0;
  for (std::size_t k = 0; k < 9; ++k) squares += (a.matrix[k] - b.matrix[k]) * (a.matrix[k] - b.matrix[k]);
  const Vec3 p = a(centre_mm), q = b(centre_mm);
  double shift = 0;
  for (std::size_t k = 0; k < 3; ++k) shift += (p[k] - q[k]) * (p[k] - q[k]);
  return std::sqrt(radius_mm * radius_mm / 5 * squares + shift);
}

std::array<double, 16> ras_matrix(const AffineMap& map) noexcept {
  std::array<double, 16> m{};
  const auto sign = [](std::size_t a) { return a < 2 ? -1.0 : 1.0; };
  for (std::size_t r = 0; r < 3; ++r) {
    for (std::size_t c = 0; c < 3; ++c) m[4 * r + c] = sign(r) * sign(c) * map.matrix[3 * r + c];
    m[4 * r + 3] = sign(r) * map.translation_mm[r];
  }
  m[15] = 1;
  return m;
}

std::string itk_transform_text(const AffineMap& map) {
  std::string text = "#Insight Transform File V1.0\n#Transform 0\nTransform: AffineTransform_double_3_3\nParameters:";
  char number[40];
  for (const double v : map.matrix) text += (std::snprintf(number, sizeof number, " %.17g", v), number);
  for (const double v : map.translation_mm) text += (std::snprintf(number, sizeof number, " %.17g", v), number);
  return text + "\nFixedParameters: 0 0 0\n";
}

}  // namespace gliocast::image
