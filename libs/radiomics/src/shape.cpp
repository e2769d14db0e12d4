#include <gliocast/radiomics/shape.hpp>

#include "feature_list.hpp"
#include "surface_mesh.hpp"

#include <gliocast/core/error.hpp>

#include <Eigen/Eigenvalues>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>

namespace gliocast::radiomics {
namespace {

using Vertex = std::array<std::int32_t, 3>;

/// Smallest box that holds the mask.
Mask crop(const Mask& mask) {
  const auto box = bounding_box(mask);
  if (!box) throw unusable_input("the region is empty");
  Geometry g = mask.geometry;
  for (std::size_t a = 0; a < 3; ++a) g.size[a] = box->last[a] - box->first[a] + 1;
  Mask out(g);
  for (std::size_t z = 0; z < g.size[2]; ++z)
    for (std::size_t y = 0; y < g.size[1]; ++y)
      for (std::size_t x = 0; x < g.size[0]; ++x)
        out.at(x, y, z) = mask.at(box->first[0] + x, box->first[1] + y, box->first[2] + z);
  return out;
}

/// The ends of each run of vertices along `axis`: the farthest pair of a set is always among them.
std::vector<Vertex> line_ends(std::vector<Vertex> vertices, std::size_t axis) {
  const std::size_t b = (axis + 1) % 3, c = (axis + 2) % 3;
  std::ranges::sort(vertices, {}, [&](const Vertex& v) { return std::array{v[c], v[b], v[axis]}; });
  std::vector<Vertex> out;
  for (std::size_t i = 0; i < vertices.size(); ++i) {
    const auto same_line = [&](std::size_t j) {
      return vertices[i][b] == vertices[j][b] && vertices[i][c] == vertices[j][c];
    };
    if (i == 0 || i + 1 == vertices.size() || !same_line(i - 1) || !same_line(i + 1)) out.push_back(vertices[i]);
  }
  return out;
}

double squared_distance(const Vertex& a, const Vertex& b, const Vec3& spacing) {
  double sum = 0;
  for (std::size_t k = 0; k < 3; ++k) {
    const double d = 0.5 * (a[k] - b[k]) * spacing[k];
    sum += d * d;
  }
  return sum;
}

/// Largest distance of two vertices. From the farthest from the middle on: two that lie nearer to it than the best so
/// far cannot better it.
double largest_distance(const std::vector<Vertex>& vertices, const Vec3& spacing) {
  if (vertices.empty()) return 0;
  Vec3 middle{0, 0, 0};
  for (const auto& v : vertices)
    for (std::size_t k = 0; k < 3; ++k) middle[k] += 0.5 * v[k] * spacing[k] / static_cast<double>(vertices.size());
  std::vector<std::pair<double, Vertex>> far;
  far.reserve(vertices.size());
  for (const auto& v : vertices) {
    double sum = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      const double d = 0.5 * v[k] * spacing[k] - middle[k];
      sum += d * d;
    }
    far.emplace_back(std::sqrt(sum), v);
  }
  std::ranges::sort(far, std::greater<>(), [](const auto& f) { return f.first; });
  double best = 0, reach = 0;  // squared, and its root less what rounding may do
  for (std::size_t i = 0; i < far.size() && 2 * far[i].first >= reach; ++i)
    for (std::size_t j = i + 1; j < far.size() && far[i].first + far[j].first >= reach; ++j)
      if (const double d = squared_distance(far[i].second, far[j].second, spacing); d > best) {
        best = d;
        reach = std::sqrt(d) * (1 - 1e-9);
      }
  return std::sqrt(best);
}

double diameter_3d(const std::vector<Vertex>& vertices, const Vec3& spacing) {
  return largest_distance(line_ends(line_ends(line_ends(vertices, 0), 1), 2), spacing);
}

/// Largest distance between vertices whose coordinate `axis` is exactly equal.
double diameter_in_planes(std::vector<Vertex> vertices, std::size_t axis, const Vec3& spacing) {
  std::ranges::sort(vertices, {}, [&](const Vertex& v) { return v[axis]; });
  double best = 0;
  for (std::size_t i = 0; i < vertices.size();) {
    std::size_t j = i;
    while (j < vertices.size() && vertices[j][axis] == vertices[i][axis]) ++j;
    const std::vector<Vertex> plane(vertices.begin() + static_cast<std::ptrdiff_t>(i),
                                    vertices.begin() + static_cast<std::ptrdiff_t>(j));
    best = std::max(best, largest_distance(line_ends(line_ends(plane, (axis + 1) % 3), (axis + 2) % 3), spacing));
    i = j;
  }
  return best;
}

/// Calls `use` with the indices of each voxel of the mask.
template <typename Use>
void for_each_voxel(const Mask& mask, Use&& use) {
  const Size3& s = mask.geometry.size;
  for (std::size_t z = 0; z < s[2]; ++z)
    for (std::size_t y = 0; y < s[1]; ++y)
      for (std::size_t x = 0; x < s[0]; ++x)
        if (mask.at(x, y, z))
          use(Eigen::Vector3d(static_cast<double>(x), static_cast<double>(y), static_cast<double>(z)));
}

/// Eigenvalues (ascending, not below 0) of the covariance of voxel centres in mm, divided by N. Centred before they are
/// squared, on the exact mean of whole indices: a flat region's least one is 0, not what rounding leaves of it.
Eigen::Vector3d principal_variances(const Mask& mask) {
  Eigen::Vector3d sum = Eigen::Vector3d::Zero();
  double n = 0;
  for_each_voxel(mask, [&](const Eigen::Vector3d& index) {
    sum += index;
    ++n;
  });
  const Eigen::Vector3d mean = sum / n;
  const Eigen::Vector3d spacing(mask.geometry.spacing_mm.data());
  Eigen::Matrix3d products = Eigen::Matrix3d::Zero();
  for_each_voxel(mask, [&](const Eigen::Vector3d& index) {
    const Eigen::Vector3d p = (index - mean).cwiseProduct(spacing);
    products += p * p.transpose();
  });
  std::array<Eigen::Index, 3> order{0, 1, 2};  // flat axes first: the solver then leaves their 0 as it is
  std::stable_partition(order.begin(), order.end(), [&](Eigen::Index a) { return products(a, a) == 0; });
  Eigen::Matrix3d ordered;
  for (Eigen::Index r = 0; r < 3; ++r)
    for (Eigen::Index c = 0; c < 3; ++c)
      ordered(r, c) = products(order[static_cast<std::size_t>(r)], order[static_cast<std::size_t>(c)]) / n;
  const Eigen::SelfAdjointEigenSolver<Eigen::Matrix3d> solver(ordered, Eigen::EigenvaluesOnly);
  return solver.eigenvalues().cwiseMax(0.0);
}

/// What the three-dimensional features are made of.
struct ShapeValues {
  SurfaceMesh mesh;
  Vec3 spacing_mm{};
  Eigen::Vector3d variances;  ///< principal_variances: least, minor, major
  double voxel_volume_mm3 = 0;
};

/// √(part / whole), NaN where the whole is 0.
double axis_ratio(double part, double whole) {
  return whole > 0 ? std::sqrt(part / whole) : std::numeric_limits<double>::quiet_NaN();
}

/// Surface of the sphere of a volume.
double sphere_area(double volume) { return std::cbrt(36 * std::numbers::pi * volume * volume); }

double plane_diameter(const ShapeValues& v, std::size_t axis) {
  return diameter_in_planes(v.mesh.vertices, axis, v.spacing_mm);
}

const FeatureList<ShapeValues>& shape_list() {
  using V = ShapeValues;
  static const FeatureList<V> list{
      "shape",
      "shape in three dimensions",
      "Surface: marching cubes at 0.5 (Lorensen and Cline, Comput Graph 1987;21:163)",
      "A, V: area and signed volume of the surface; λ₁ ≥ λ₂ ≥ λ₃: eigenvalues of the covariance of the voxels' centres "
      "in mm, divided by their number",
      {{"Elongation", "1", "√(λ₂ / λ₁)", [](const V& v) { return axis_ratio(v.variances[1], v.variances[2]); }},
       {"Flatness", "1", "√(λ₃ / λ₁)", [](const V& v) { return axis_ratio(v.variances[0], v.variances[2]); }},
       {"LeastAxisLength", "mm", "4 √λ₃", [](const V& v) { return 4 * std::sqrt(v.variances[0]); }},
       {"MajorAxisLength", "mm", "4 √λ₁", [](const V& v) { return 4 * std::sqrt(v.variances[2]); }},
       {"Maximum2DDiameterColumn", "mm", "largest distance of two vertices of the surface with the same y",
        [](const V& v) { return plane_diameter(v, 1); }},
       {"Maximum2DDiameterRow", "mm", "largest distance of two vertices of the surface with the same x",
        [](const V& v) { return plane_diameter(v, 0); }},
       {"Maximum2DDiameterSlice", "mm", "largest distance of two vertices of the surface with the same z",
        [](const V& v) { return plane_diameter(v, 2); }},
       {"Maximum3DDiameter", "mm", "largest distance of two vertices of the surface",
        [](const V& v) { return diameter_3d(v.mesh.vertices, v.spacing_mm); }},
       {"MeshVolume", "mm^3", "V", [](const V& v) { return v.mesh.volume_mm3; }},
       {"MinorAxisLength", "mm", "4 √λ₂", [](const V& v) { return 4 * std::sqrt(v.variances[1]); }},
       {"Sphericity", "1", "∛(36 π V²) / A",
        [](const V& v) { return sphere_area(v.mesh.volume_mm3) / v.mesh.area_mm2; }},
       {"SurfaceArea", "mm^2", "A", [](const V& v) { return v.mesh.area_mm2; }},
       {"SurfaceVolumeRatio", "1/mm", "A / V", [](const V& v) { return v.mesh.area_mm2 / v.mesh.volume_mm3; }},
       {"VoxelVolume", "mm^3", "number of voxels times the volume of one", &V::voxel_volume_mm3},
       {"Compactness1", "1", "V / √(π A³)",
        [](const V& v) { return v.mesh.volume_mm3 / (std::pow(v.mesh.area_mm2, 1.5) * std::sqrt(std::numbers::pi)); },
        true},
       {"Compactness2", "1", "36 π V² / A³",
        [](const V& v) {
          const double volume = v.mesh.volume_mm3, area = v.mesh.area_mm2;
          return 36 * std::numbers::pi * volume * volume / (area * area * area);
        },
        true},
       {"SphericalDisproportion", "1", "A / ∛(36 π V²)",
        [](const V& v) { return v.mesh.area_mm2 / sphere_area(v.mesh.volume_mm3); }, true}}};
  return list;
}

/// Outline of a slice: each square of four neighbouring voxel centres is cut where the mask changes along its sides;
/// diagonal corners stay apart.
struct Outline {
  double perimeter = 0, area = 0;
  std::vector<Vertex> vertices;  ///< in half voxels
};

Outline outline_of(const Mask& mask, std::size_t axis) {
  const std::size_t u = axis == 0 ? 1 : 0, v = axis == 2 ? 1 : 2;
  const double du = mask.geometry.spacing_mm[u], dv = mask.geometry.spacing_mm[v], corner = std::hypot(du, dv) / 2;
  const auto nu = static_cast<std::int32_t>(mask.geometry.size[u]),
             nv = static_cast<std::int32_t>(mask.geometry.size[v]);
  const auto inside = [&](std::int32_t a, std::int32_t b) {
    if (a < 0 || b < 0 || a >= nu || b >= nv) return false;
    Size3 i{};
    i[u] = static_cast<std::size_t>(a);
    i[v] = static_cast<std::size_t>(b);
    return mask.at(i[0], i[1], i[2]) != 0;
  };
  Outline out;
  double squares = 0;
  for (std::int32_t b = -1; b < nv; ++b)
    for (std::int32_t a = -1; a < nu; ++a) {
      const bool c00 = inside(a, b), c10 = inside(a + 1, b), c01 = inside(a, b + 1), c11 = inside(a + 1, b + 1);
      const int n = c00 + c10 + c01 + c11;
      const bool diagonal = n == 2 && c00 == c11;
      out.perimeter += n == 1 || n == 3 ? corner : diagonal ? 2 * corner : n != 2 ? 0 : c00 == c10 ? du : dv;
      squares += n == 1 ? 0.125 : n == 2 ? (diagonal ? 0.25 : 0.5) : n == 3 ? 0.875 : n == 4 ? 1 : 0;
      Vertex vertex{};
      if (c00 != c10) {
        vertex[u] = 2 * a + 1;
        vertex[v] = 2 * b;
        out.vertices.push_back(vertex);
      }
      if (c00 != c01) {
        vertex[u] = 2 * a;
        vertex[v] = 2 * b + 1;
        out.vertices.push_back(vertex);
      }
    }
  out.area = squares * du * dv;
  return out;
}

/// What the two-dimensional features are made of.
struct Shape2dValues {
  Outline outline;
  Vec3 spacing_mm{};
  Eigen::Vector3d variances;  ///< principal_variances: the first one is 0, across the slice
  double pixel_surface_mm2 = 0;
};

double sphericity(const Outline& o) { return 2 * std::sqrt(std::numbers::pi * o.area) / o.perimeter; }

const FeatureList<Shape2dValues>& shape_2d_list() {
  using V = Shape2dValues;
  static const FeatureList<V> list{
      "shape2D",
      "shape in two dimensions",
      "Outline: marching squares at 0.5, as PyRadiomics 3",
      "A, P: area and length of the outline; λ₁ ≥ λ₂: eigenvalues of the covariance of the pixels' centres in mm, "
      "divided by their number",
      {{"Elongation", "1", "√(λ₂ / λ₁)", [](const V& v) { return axis_ratio(v.variances[1], v.variances[2]); }},
       {"MajorAxisLength", "mm", "4 √λ₁", [](const V& v) { return 4 * std::sqrt(v.variances[2]); }},
       {"MaximumDiameter", "mm", "largest distance of two vertices of the outline",
        [](const V& v) { return largest_distance(v.outline.vertices, v.spacing_mm); }},
       {"MeshSurface", "mm^2", "A", [](const V& v) { return v.outline.area; }},
       {"MinorAxisLength", "mm", "4 √λ₂", [](const V& v) { return 4 * std::sqrt(v.variances[1]); }},
       {"Perimeter", "mm", "P", [](const V& v) { return v.outline.perimeter; }},
       {"PerimeterSurfaceRatio", "1/mm", "P / A", [](const V& v) { return v.outline.perimeter / v.outline.area; }},
       {"PixelSurface", "mm^2", "number of pixels times the area of one", &V::pixel_surface_mm2},
       {"Sphericity", "1", "2 √(π A) / P", [](const V& v) { return sphericity(v.outline); }},
       {"SphericalDisproportion", "1", "P / (2 √(π A))", [](const V& v) { return 1 / sphericity(v.outline); }, true}}};
  return list;
}

}  // namespace

FeatureClass shape_class() { return shape_list().described(); }
FeatureClass shape_2d_class() { return shape_2d_list().described(); }

Features shape_3d(const Mask& whole, const std::vector<std::string>& wanted) {
  const Mask mask = crop(whole);
  const auto voxels = static_cast<double>(count(mask));
  if (voxels < 2) throw unusable_input("the region has a single voxel: it has no shape");
  const Geometry& g = mask.geometry;
  return shape_list().evaluate(
      {surface_mesh(mask), g.spacing_mm, principal_variances(mask), voxels * g.voxel_volume_mm3()}, wanted);
}

Features shape_2d(const Mask& whole, std::size_t axis, const std::vector<std::string>& wanted) {
  const Mask mask = crop(whole);
  if (mask.geometry.size[axis] > 1) throw unusable_input("the region is thicker than one slice: it has no 2-D shape");
  const Vec3& d = mask.geometry.spacing_mm;
  const double pixels = static_cast<double>(count(mask)) * d[0] * d[1] * d[2] / d[axis];
  return shape_2d_list().evaluate({outline_of(mask, axis), d, principal_variances(mask), pixels}, wanted);
}

}  // namespace gliocast::radiomics
