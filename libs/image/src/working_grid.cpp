#include <gliocast/image/working_grid.hpp>

#include <gliocast/core/error.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

namespace gliocast::image {
namespace {

constexpr double kTie = 0.01;  ///< voxels: what a header's last digits leave open must not decide on a grid's size

}  // namespace

Geometry working_grid(const Mask& brain, const WorkingGridOptions& o) {
  const Geometry& g = brain.geometry;
  const auto box = bounding_box(brain);
  if (!box) throw unusable_input("the brain mask is empty");
  Vec3 from{1e300, 1e300, 1e300}, to{-1e300, -1e300, -1e300};
  for (unsigned bits = 0; bits < 8; ++bits) {
    Vec3 corner{};
    for (unsigned a = 0; a < 3; ++a) corner[a] = static_cast<double>((bits >> a) & 1U ? box->last[a] : box->first[a]);
    const Vec3 p = g.index_to_lps_mm(corner);
    for (std::size_t a = 0; a < 3; ++a) {
      from[a] = std::min(from[a], p[a]);
      to[a] = std::max(to[a], p[a]);
    }
  }
  Geometry out;
  out.spacing_mm = {o.spacing_mm, o.spacing_mm, o.spacing_mm};
  for (std::size_t a = 0; a < 3; ++a) {
    // Anchored at the reference's origin, so that a 1 mm axis-aligned reference keeps its voxel centres.
    const double anchor = g.origin_mm[a];
    const double first = std::floor((from[a] - o.margin_mm - anchor) / o.spacing_mm + kTie);
    const double last = std::ceil((to[a] + o.margin_mm - anchor) / o.spacing_mm - kTie);
    out.origin_mm[a] = anchor + first * o.spacing_mm;
    out.size[a] = static_cast<std::size_t>(last - first) + 1;
  }
  return out;
}

Geometry without_last_digits(const Geometry& geometry) {
  const auto to = [](double v, double step) { return std::round(v / step) * step; };
  Geometry out = geometry;
  for (double& v : out.spacing_mm) v = std::max(to(v, 1e-4), 1e-4);
  for (double& v : out.origin_mm) v = to(v, 0.02);
  Mat3& d = out.direction;
  for (double& v : d) v = to(v, 1e-4);
  for (std::size_t a = 0; a < 3; ++a) {  // Gram and Schmidt; what was orthogonal up to rounding stays what it was
    for (std::size_t b = 0; b < a; ++b) {
      double along = 0;
      for (std::size_t r = 0; r < 3; ++r) along += d[3 * r + a] * d[3 * r + b];
      if (std::abs(along) > 1e-3) return geometry;  // a sheared image, not a rounded one
      for (std::size_t r = 0; r < 3; ++r) d[3 * r + a] -= along * d[3 * r + b];
    }
    const double length = std::hypot(d[a], d[3 + a], d[6 + a]);
    for (std::size_t r = 0; r < 3; ++r) d[3 * r + a] /= length;
  }
  return out;
}

}  // namespace gliocast::image
