// Local binary patterns: in slices (Ojala, Pietikäinen and Mäenpää 2002) and on a sphere (Banerjee et al. 2013), with
// the arithmetic of scikit-image and SciPy, since ties decide.
#include "derived_images.hpp"

#include <gliocast/core/error.hpp>

#include <algorithm>
#include <cmath>
#include <complex>
#include <map>
#include <numbers>

namespace gliocast::radiomics {
namespace {

// --- in slices -----------------------------------------------------------------------------------------------------

/// A slice of the image: value at (row, column), 0 beyond the edge.
struct Slice {
  const Volume<double>& image;
  std::size_t axis, rows, columns, at;  ///< `axis` 0 x, 1 y, 2 z lies across the slice
  std::size_t row_axis, column_axis;

  Slice(const Volume<double>& volume, std::size_t across, std::size_t position)
      : image(volume), axis(across), at(position) {
    // numpy's axes (z, y, x), the one across swapped to the front: the other two keep their order, but z takes the
    // place of x or y.
    row_axis = across == 1 ? 2 : 1;
    column_axis = across == 0 ? 2 : 0;
    rows = volume.geometry.size[row_axis];
    columns = volume.geometry.size[column_axis];
  }
  [[nodiscard]] double value(std::ptrdiff_t r, std::ptrdiff_t c) const {
    if (r < 0 || c < 0 || r >= static_cast<std::ptrdiff_t>(rows) || c >= static_cast<std::ptrdiff_t>(columns)) return 0;
    Size3 index{};
    index[axis] = at;
    index[row_axis] = static_cast<std::size_t>(r);
    index[column_axis] = static_cast<std::size_t>(c);
    return image.at(index[0], index[1], index[2]);
  }
  [[nodiscard]] double between(double r, double c) const {
    const double low_r = std::floor(r), low_c = std::floor(c), dr = r - low_r, dc = c - low_c;
    const auto r0 = static_cast<std::ptrdiff_t>(low_r), c0 = static_cast<std::ptrdiff_t>(low_c),
               r1 = static_cast<std::ptrdiff_t>(std::ceil(r)), c1 = static_cast<std::ptrdiff_t>(std::ceil(c));
    const double top = (1 - dc) * value(r0, c0) + dc * value(r0, c1),
                 bottom = (1 - dc) * value(r1, c0) + dc * value(r1, c1);
    return (1 - dr) * top + dr * bottom;
  }
};

double round_to_five(double v) { return std::nearbyint(v * 1e5) / 1e5; }

/// Variance of the samples around a voxel.
double variance_code(const std::vector<double>& samples) {
  double sum = 0, squares = 0;
  for (const double v : samples) {
    sum += v;
    squares += v * v;
  }
  const auto n = static_cast<double>(samples.size());
  return (squares - sum * sum / n) / n;
}

double pattern_code(const std::vector<bool>& above, const std::string& method) {
  const std::size_t n = above.size();
  if (method == "uniform") {
    std::size_t changes = 0, ones = 0;
    for (std::size_t k = 0; k < n; ++k) {
      ones += above[k];
      changes += k + 1 < n && above[k] != above[k + 1];
    }
    return static_cast<double>(changes <= 2 ? ones : n + 1);
  }
  std::uint64_t code = 0;
  for (std::size_t k = 0; k < n; ++k) code |= static_cast<std::uint64_t>(above[k]) << k;
  std::uint64_t least = code;
  if (method == "ror")
    for (std::size_t k = 1; k < n; ++k) {
      code = (code >> 1) | ((code & 1U) << (n - 1));
      least = std::min(least, code);
    }
  return static_cast<double>(least);
}

Volume<double> patterns_2d(const ScalarImage& image, const IndexBox& box, const Settings& s,
                           std::vector<std::string>& warnings) {
  const std::size_t axis = s.dimensions == 2 ? 2 : static_cast<std::size_t>(2 - s.force_2d_dimension);
  if (!s.force_2d && s.dimensions == 3)
    warnings.emplace_back(
        "LBP2D works slice by slice while features are computed in 3-D (set force2D for both in 2-D)");
  Volume<double> out = crop(image.volume, box);
  std::vector<std::array<double, 2>> offsets;
  for (int k = 0; k < s.lbp_2d_samples; ++k) {
    const double angle = 2 * std::numbers::pi * k / s.lbp_2d_samples;
    offsets.push_back(
        {round_to_five(-s.lbp_2d_radius * std::sin(angle)), round_to_five(s.lbp_2d_radius * std::cos(angle))});
  }
  std::vector<double> samples(offsets.size());
  std::vector<bool> above(offsets.size());
  for (std::size_t p = box.first[axis]; p <= box.last[axis]; ++p) {
    const Slice slice(image.volume, axis, p);
    for (std::size_t r = box.first[slice.row_axis]; r <= box.last[slice.row_axis]; ++r)
      for (std::size_t c = box.first[slice.column_axis]; c <= box.last[slice.column_axis]; ++c) {
        const double centre = slice.value(static_cast<std::ptrdiff_t>(r), static_cast<std::ptrdiff_t>(c));
        for (std::size_t k = 0; k < offsets.size(); ++k) {
          samples[k] = slice.between(static_cast<double>(r) + offsets[k][0], static_cast<double>(c) + offsets[k][1]);
          above[k] = samples[k] - centre >= 0;
        }
        Size3 at{};
        at[axis] = p - box.first[axis];
        at[slice.row_axis] = r - box.first[slice.row_axis];
        at[slice.column_axis] = c - box.first[slice.column_axis];
        double code = s.lbp_2d_method == "var" ? variance_code(samples) : pattern_code(above, s.lbp_2d_method);
        if (image.kind == PixelKind::Integer) code = std::trunc(code);
        out.at(at[0], at[1], at[2]) =
            image.kind == PixelKind::Float ? static_cast<double>(static_cast<float>(code)) : code;
      }
  }
  return out;
}

// --- on a sphere ---------------------------------------------------------------------------------------------------

/// Corners of an icosahedron whose triangles are split in four `subdivisions` times, on a sphere (voxels; along numpy's
/// axes z, y, x).
std::vector<Vec3> icosphere(int subdivisions, double radius) {
  constexpr double p = 0.5257311121191336, q = 0.85065080835204;  // 1 and the golden ratio, on the unit sphere
  std::vector<Vec3> v{{-p, q, 0},  {p, q, 0},  {-p, -q, 0}, {p, -q, 0}, {0, -p, q},  {0, p, q},
                      {0, -p, -q}, {0, p, -q}, {q, 0, -p},  {q, 0, p},  {-q, 0, -p}, {-q, 0, p}};
  std::vector<std::array<std::size_t, 3>> faces{{0, 11, 5}, {0, 5, 1},  {0, 1, 7},   {0, 7, 10}, {0, 10, 11},
                                                {1, 5, 9},  {5, 11, 4}, {11, 10, 2}, {10, 7, 6}, {7, 1, 8},
                                                {3, 9, 4},  {3, 4, 2},  {3, 2, 6},   {3, 6, 8},  {3, 8, 9},
                                                {4, 9, 5},  {2, 4, 11}, {6, 2, 10},  {8, 6, 7},  {9, 8, 1}};
  const auto to_sphere = [radius](Vec3& at) {  // a step along the vertex's own direction: whole numbers stay whole
    const double length = std::sqrt(at[0] * at[0] + at[1] * at[1] + at[2] * at[2]), step = radius - length;
    for (double& x : at) x += x / length * step;
  };
  if (subdivisions == 0)
    for (Vec3& at : v) to_sphere(at);
  for (int level = 0; level < subdivisions; ++level) {
    std::map<std::pair<std::size_t, std::size_t>, std::size_t> middle;
    std::vector<std::array<std::size_t, 3>> finer;
    for (const auto& f : faces) {
      std::array<std::size_t, 3> m{};
      for (std::size_t k = 0; k < 3; ++k) {
        const auto edge = std::minmax(f[k], f[(k + 1) % 3]);
        const auto [place, made] = middle.try_emplace(edge, v.size());
        if (made) {
          Vec3 at{};
          for (std::size_t a = 0; a < 3; ++a) at[a] = (v[edge.first][a] + v[edge.second][a]) / 2;
          v.push_back(at);
        }
        m[k] = place->second;
      }
      finer.push_back({f[0], m[0], m[2]});
      finer.push_back({m[0], f[1], m[1]});
      finer.push_back({m[2], m[1], f[2]});
      finer.push_back({m[0], m[1], m[2]});
    }
    faces = std::move(finer);
    for (Vec3& at : v) to_sphere(at);
  }
  return v;
}

/// Spherical harmonic of degree n and order m ≥ 0, with the Condon–Shortley phase.
std::complex<double> harmonic(int m, int n, double azimuth, double polar) {
  const double x = std::cos(polar), s = std::sin(polar);
  double first = 1;  // P_m^m, then upwards in n
  for (int k = 1; k <= m; ++k) first *= -(2 * k - 1) * std::abs(s);
  double below = 0, value = first;
  for (int k = m + 1; k <= n; ++k) {
    const double next = ((2 * k - 1) * x * value - (k + m - 1) * below) / (k - m);
    below = value;
    value = next;
  }
  double ratio = 1;  // (n − m)! / (n + m)!
  for (int k = n - m + 1; k <= n + m; ++k) ratio /= k;
  return std::polar(1.0, m * azimuth) * (value * std::sqrt((2 * n + 1) / (4 * std::numbers::pi) * ratio));
}

/// For degree n: K(v, w) = Σ over orders of Y(v) Y(w); orders m and −m make it real. Angles as PyRadiomics passes them,
/// the polar one as azimuth.
std::vector<double> kernel_of_degree(int n, const std::vector<Vec3>& sphere, double radius) {
  const std::size_t count = sphere.size();
  std::vector<double> kernel(count * count, 0.0);
  for (int m = 0; m <= n; ++m) {
    std::vector<std::complex<double>> y;
    for (const Vec3& p : sphere)
      y.push_back(harmonic(m, n, std::acos(std::clamp(p[2] / radius, -1.0, 1.0)), std::atan2(p[1], p[0])));
    for (std::size_t v = 0; v < count; ++v)
      for (std::size_t w = 0; w < count; ++w) kernel[v * count + w] += (m == 0 ? 1 : 2) * (y[v] * y[w]).real();
  }
  return kernel;
}

/// Cubic spline of a volume, mirrored at its ends.
class Spline {
 public:
  explicit Spline(Volume<double> volume) : c_(std::move(volume)) {
    const Size3& n = c_.geometry.size;
    const std::array<std::size_t, 3> stride{1, n[0], n[0] * n[1]};
    for (std::size_t axis = 3; axis-- > 0;) {
      if (n[axis] < 2) continue;
      const std::size_t u = axis == 0 ? 1 : 0, v = axis == 2 ? 1 : 2;
      std::vector<double> line(n[axis]);
      for (std::size_t j = 0; j < n[v]; ++j)
        for (std::size_t i = 0; i < n[u]; ++i) {
          double* first = &c_.voxels[i * stride[u] + j * stride[v]];
          for (std::size_t k = 0; k < n[axis]; ++k) line[k] = first[k * stride[axis]];
          decompose(line);
          for (std::size_t k = 0; k < n[axis]; ++k) first[k * stride[axis]] = line[k];
        }
    }
  }

  /// At an index; 0 beyond the first and last voxel centres.
  [[nodiscard]] double at(const Vec3& index) const {
    std::array<std::array<double, 4>, 3> w{};
    std::array<std::array<std::size_t, 4>, 3> from{};
    for (std::size_t a = 0; a < 3; ++a) {
      const auto n = static_cast<std::ptrdiff_t>(c_.geometry.size[a]);
      if (index[a] < 0 || index[a] > static_cast<double>(n - 1)) return 0;
      const double low = std::floor(index[a]), x = index[a] - low, z = 1 - x;
      w[a][1] = (x * x * (x - 2) * 3 + 4) / 6;
      w[a][2] = (z * z * (z - 2) * 3 + 4) / 6;
      w[a][0] = z * z * z / 6;
      w[a][3] = 1 - w[a][0] - w[a][1] - w[a][2];
      for (std::ptrdiff_t k = 0; k < 4; ++k) {
        std::ptrdiff_t i = static_cast<std::ptrdiff_t>(low) - 1 + k;
        if (n == 1) i = 0;
        while (i < 0 || i >= n) i = i < 0 ? -i : 2 * (n - 1) - i;
        from[a][static_cast<std::size_t>(k)] = static_cast<std::size_t>(i);
      }
    }
    double sum = 0;
    for (std::size_t z = 0; z < 4; ++z)
      for (std::size_t y = 0; y < 4; ++y)
        for (std::size_t x = 0; x < 4; ++x)
          sum += c_.at(from[0][x], from[1][y], from[2][z]) * w[2][z] * w[1][y] * w[0][x];
    return sum;
  }

 private:
  static void decompose(std::vector<double>& c) {
    const double z = std::sqrt(3.0) - 2.0, gain = (1 - z) * (1 - 1 / z);
    const std::size_t n = c.size();
    for (double& v : c) v *= gain;
    const double far = std::pow(z, static_cast<double>(n - 1));
    double zi = z;
    c[0] += far * c[n - 1];
    for (std::size_t i = 1; i + 1 < n; ++i, zi *= z) c[0] += zi * (c[i] + far * c[n - 1 - i]);
    c[0] /= 1 - far * far;
    for (std::size_t i = 1; i < n; ++i) c[i] += z * c[i - 1];
    c[n - 1] = (z * c[n - 2] + c[n - 1]) * z / (z * z - 1);
    for (std::size_t i = n - 1; i-- > 0;) c[i] = z * (c[i + 1] - c[i]);
  }

  Volume<double> c_;
};

/// Excess kurtosis; NaN where all are equal.
double kurtosis(const std::vector<double>& values) {
  const auto n = static_cast<double>(values.size());
  double mean = 0, second = 0, fourth = 0;
  for (const double v : values) mean += v;
  mean /= n;
  for (const double v : values) {
    const double d = (v - mean) * (v - mean);
    second += d;
    fourth += d * d;
  }
  return fourth / n / ((second / n) * (second / n)) - 3;
}

double stored(double v, const ScalarImage& image) {
  if (image.kind == PixelKind::Float) return static_cast<double>(static_cast<float>(v));
  if (image.kind != PixelKind::Integer) return v;
  return std::clamp(std::trunc(v > 0 ? v + 0.5 : v - 0.5), image.least, image.most);
}

std::vector<DerivedImage> patterns_3d(const ScalarImage& image, const IndexBox& box, const Mask& region,
                                      const Settings& s) {
  const std::vector<Vec3> sphere = icosphere(s.lbp_3d_subdivision, s.lbp_3d_radius);
  // Far from the box the image has no influence on the spline: its weight falls to a quarter with each voxel.
  const IndexBox wide =
      padded(box, static_cast<std::size_t>(std::ceil(s.lbp_3d_radius)) + 64, image.volume.geometry.size);
  const Spline spline(crop(image.volume, wide));
  std::vector<std::vector<double>> kernels;
  for (int n = 0; n < s.lbp_3d_levels; ++n) kernels.push_back(kernel_of_degree(n, sphere, s.lbp_3d_radius));
  const Geometry grid = region.geometry;
  std::vector<DerivedImage> out;
  for (int n = 0; n < s.lbp_3d_levels; ++n) out.push_back({"lbp-3D-m" + std::to_string(n + 1), Volume<double>(grid)});
  out.push_back({"lbp-3D-k", Volume<double>(grid)});
  std::vector<double> samples(sphere.size());
  std::vector<std::size_t> above;
  std::size_t i = 0;
  for (std::size_t z = 0; z < grid.size[2]; ++z)
    for (std::size_t y = 0; y < grid.size[1]; ++y)
      for (std::size_t x = 0; x < grid.size[0]; ++x, ++i) {
        if (!region.voxels[i]) continue;
        const Size3 here{x + box.first[0], y + box.first[1], z + box.first[2]};
        const double centre = image.volume.at(here[0], here[1], here[2]);
        above.clear();
        for (std::size_t v = 0; v < sphere.size(); ++v) {
          Vec3 at{};
          bool inside = true;
          for (std::size_t a = 0; a < 3; ++a) {
            const double whole = static_cast<double>(here[a]) + sphere[v][2 - a];
            inside = inside && whole >= 0 && whole <= static_cast<double>(image.volume.geometry.size[a] - 1);
            at[a] = whole - static_cast<double>(wide.first[a]);
          }
          samples[v] = inside ? stored(spline.at(at), image) : 0;
          if (samples[v] >= centre) above.push_back(v);
        }
        for (std::size_t n = 0; n < kernels.size(); ++n) {
          double square = 0;
          for (std::size_t v = 0; v < sphere.size(); ++v) {
            double f = 0;
            for (const std::size_t w : above) f += kernels[n][v * sphere.size() + w];
            square += f * f;
          }
          out[n].volume.voxels[i] = std::sqrt(square);
        }
        out.back().volume.voxels[i] = kurtosis(samples);
      }
  return out;
}

}  // namespace

std::vector<DerivedImage> lbp_2d_images(const ScalarImage& image, const IndexBox& box, const Settings& s,
                                        std::vector<std::string>& warnings) {
  std::vector<DerivedImage> out;
  out.push_back({"lbp-2D", patterns_2d(image, box, s, warnings)});
  return out;
}

std::vector<DerivedImage> lbp_3d_images(const ScalarImage& image, const IndexBox& box, const Mask& region,
                                        const Settings& s, std::vector<std::string>& warnings) {
  if (s.dimensions == 2) {
    warnings.emplace_back("the image is 2-D: LBP3D is left out");
    return {};
  }
  if (s.force_2d) warnings.emplace_back("LBP3D works in 3-D while features are computed in 2-D (force2D)");
  return patterns_3d(image, box, region, s);
}

}  // namespace gliocast::radiomics
