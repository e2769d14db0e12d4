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
    for (std::size_t a = 0; a < 3; ++a) from[a] = std::min(from[a], p[a]), to[a] = std::max(to[a], p[a]);
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

}  // namespace gliocast::image
