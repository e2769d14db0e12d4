#include "resample_region.hpp"

#include "derived_images.hpp"

#include <gliocast/core/error.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <numbers>

namespace gliocast::radiomics {
namespace {

constexpr double kTolerance = 1e-10;  ///< of the first value of the recursion

/// Cubic B-spline coefficients of a line, in place; the signal is mirrored at its ends (Unser 1999).
void decompose(std::vector<double>& c) {
  const std::size_t n = c.size();
  if (n < 2) return;
  const double z = std::sqrt(3.0) - 2.0;
  const double gain = (1.0 - z) * (1.0 - 1.0 / z);
  for (double& v : c) v *= gain;
  const auto horizon = static_cast<std::size_t>(std::ceil(std::log(kTolerance) / std::log(std::abs(z))));
  double zn = z;
  if (horizon < n) {
    double sum = c[0];
    for (std::size_t k = 1; k < horizon; ++k) sum += zn * c[k], zn *= z;
    c[0] = sum;
  } else {
    const double iz = 1.0 / z;
    double z2n = std::pow(z, static_cast<double>(n - 1)), sum = c[0] + z2n * c[n - 1];
    z2n *= z2n * iz;
    for (std::size_t k = 1; k <= n - 2; ++k) sum += (zn + z2n) * c[k], zn *= z, z2n *= iz;
    c[0] = sum / (1.0 - zn * zn);
  }
  for (std::size_t k = 1; k < n; ++k) c[k] += z * c[k - 1];
  c[n - 1] = (z / (z * z - 1.0)) * (z * c[n - 2] + c[n - 1]);
  for (std::size_t k = n - 1; k-- > 0;) c[k] = z * (c[k + 1] - c[k]);
}

Volume<double> coefficients(const Volume<double>& image) {
  Volume<double> out = image;
  const Size3& s = image.geometry.size;
  const std::array<std::size_t, 3> stride{1, s[0], s[0] * s[1]};
  for (std::size_t axis = 0; axis < 3; ++axis) {
    const std::size_t u = axis == 0 ? 1 : 0, v = axis == 2 ? 1 : 2;
    std::vector<double> line(s[axis]);
    for (std::size_t j = 0; j < s[v]; ++j)
      for (std::size_t i = 0; i < s[u]; ++i) {
        double* first = &out.voxels[i * stride[u] + j * stride[v]];
        for (std::size_t k = 0; k < s[axis]; ++k) line[k] = first[k * stride[axis]];
        decompose(line);
        for (std::size_t k = 0; k < s[axis]; ++k) first[k * stride[axis]] = line[k];
      }
  }
  return out;
}

/// Value of the spline at a continuous index.
double spline_at(const Volume<double>& c, const Vec3& at) {
  std::array<std::array<double, 4>, 3> w{};
  std::array<std::array<std::size_t, 4>, 3> index{};
  for (std::size_t a = 0; a < 3; ++a) {
    const auto first = static_cast<std::ptrdiff_t>(std::floor(at[a])) - 1, n = static_cast<std::ptrdiff_t>(c.geometry.size[a]);
    const double t = at[a] - static_cast<double>(first + 1);
    w[a][3] = (1.0 / 6.0) * t * t * t;
    w[a][0] = (1.0 / 6.0) + 0.5 * t * (t - 1.0) - w[a][3];
    w[a][2] = t + w[a][0] - 2.0 * w[a][3];
    w[a][1] = 1.0 - w[a][0] - w[a][2] - w[a][3];
    for (std::ptrdiff_t k = 0; k < 4; ++k) {
      std::ptrdiff_t i = first + k;
      if (n == 1) i = 0;
      if (i < 0) i = -i;
      if (i >= n) i = 2 * (n - 1) - i;
      index[a][static_cast<std::size_t>(k)] = static_cast<std::size_t>(std::clamp<std::ptrdiff_t>(i, 0, n - 1));
    }
  }
  double sum = 0;
  for (std::size_t z = 0; z < 4; ++z)
    for (std::size_t y = 0; y < 4; ++y)
      for (std::size_t x = 0; x < 4; ++x) sum += w[0][x] * w[1][y] * w[2][z] * c.at(index[0][x], index[1][y], index[2][z]);
  return sum;
}

double linear_at(const Volume<double>& image, const Vec3& at) {
  std::array<std::array<std::size_t, 2>, 3> i{};
  std::array<double, 3> t{};
  for (std::size_t a = 0; a < 3; ++a) {
    const double low = std::max(0.0, std::floor(at[a]));
    i[a][0] = static_cast<std::size_t>(low), i[a][1] = std::min(i[a][0] + 1, image.geometry.size[a] - 1);
    t[a] = std::max(0.0, at[a] - low);
  }
  const auto along_x = [&](std::size_t y, std::size_t z) {
    const double a = image.at(i[0][0], i[1][y], i[2][z]), b = image.at(i[0][1], i[1][y], i[2][z]);
    return a + (b - a) * t[0];
  };
  const auto along_y = [&](std::size_t z) {
    const double a = along_x(0, z), b = along_x(1, z);
    return a + (b - a) * t[1];
  };
  const double a = along_y(0), b = along_y(1);
  return a + (b - a) * t[2];
}

Size3 nearest(const Vec3& at, const Size3& size) {
  Size3 out{};
  for (std::size_t a = 0; a < 3; ++a) out[a] = static_cast<std::size_t>(std::clamp(std::floor(at[a] + 0.5), 0.0, static_cast<double>(size[a] - 1)));
  return out;
}

/// Calls body(k, index in the source) for every voxel of the target whose place lies in the source. Along a row, indices are interpolated between its two ends, as ITK does.
template <typename Body>
void for_each_place(const Geometry& source, const Geometry& target, Body body) {
  const Size3& n = target.size;
  std::size_t k = 0;
  for (std::size_t z = 0; z < n[2]; ++z)
    for (std::size_t y = 0; y < n[1]; ++y) {
      const auto place = [&](std::size_t x) { return source.lps_mm_to_index(target.index_to_lps_mm({static_cast<double>(x), static_cast<double>(y), static_cast<double>(z)})); };
      const Vec3 first = place(0), last = place(n[0]);
      for (std::size_t x = 0; x < n[0]; ++x, ++k) {
        const double alpha = static_cast<double>(x) / static_cast<double>(n[0]);
        Vec3 at{};
        bool inside = true;
        for (std::size_t a = 0; a < 3; ++a) {
          at[a] = first[a] + (last[a] - first[a]) * alpha;
          inside = inside && at[a] >= -0.5 && at[a] < static_cast<double>(source.size[a]) - 0.5;
        }
        if (inside) body(k, at);
      }
    }
}

double as_kind(double v, const ScalarImage& image) {
  if (image.kind == PixelKind::Integer) return std::trunc(std::clamp(v, image.least, image.most));
  return image.kind == PixelKind::Float ? static_cast<double>(static_cast<float>(v)) : v;
}

/// The window of a windowed sinc of radius 5 (Meijering 2001).
double window(ResampleMethod method, double x) {
  constexpr double m = 5, pi = std::numbers::pi;
  switch (method) {
    case ResampleMethod::HammingSinc:
      return 0.54 + 0.46 * std::cos(pi * x / m);
    case ResampleMethod::CosineSinc:
      return std::cos(pi * x / (2 * m));
    case ResampleMethod::WelchSinc:
      return 1 - x * x / (m * m);
    case ResampleMethod::LanczosSinc:
      return x == 0 ? 1 : std::sin(pi * x / m) / (pi * x / m);
    default:
      return 0.42 + 0.5 * std::cos(pi * x / m) + 0.08 * std::cos(2 * pi * x / m);
  }
}

/// Windowed sinc; beyond the image its edge goes on.
double sinc_at(const Volume<double>& image, const Vec3& at, ResampleMethod method) {
  constexpr int kRadius = 5;
  std::array<std::array<double, 2 * kRadius>, 3> w{};
  std::array<std::array<std::size_t, 2 * kRadius>, 3> from{};
  for (std::size_t a = 0; a < 3; ++a) {
    const double low = std::floor(at[a]), t = at[a] - low, last = static_cast<double>(image.geometry.size[a] - 1);
    for (int i = 0; i < 2 * kRadius; ++i) {
      const auto k = static_cast<std::size_t>(i);
      const double x = t + kRadius - 1 - i;
      w[a][k] = t == 0 ? (i == kRadius - 1 ? 1 : 0) : window(method, x) * std::sin(std::numbers::pi * x) / (std::numbers::pi * x);
      from[a][k] = static_cast<std::size_t>(std::clamp(low + i - (kRadius - 1), 0.0, last));
    }
  }
  double sum = 0;
  for (std::size_t z = 0; z < w[2].size(); ++z)
    for (std::size_t y = 0; y < w[1].size(); ++y)
      for (std::size_t x = 0; x < w[0].size(); ++x) sum += w[2][z] * w[1][y] * w[0][x] * image.at(from[0][x], from[1][y], from[2][z]);
  return sum;
}

/// Gaussian of 0.8 voxels, integrated over each voxel and cut at 4 standard deviations: the weighted mean. Of labels: of 1 voxel, cut at 1, and the value with the largest weight. SimpleITK's choices.
double gaussian_at(const Volume<double>& image, const Vec3& at, bool label) {
  const double sigma = label ? 1 : 0.8, reach = label ? sigma : 4 * sigma, scale = 1 / (std::numbers::sqrt2 * sigma);
  std::array<std::vector<double>, 3> w;
  Size3 first{};
  for (std::size_t a = 0; a < 3; ++a) {
    const double begin = std::max(0.0, std::floor(at[a] + 0.5 - reach)), end = std::min(static_cast<double>(image.geometry.size[a]), std::ceil(at[a] + 0.5 + reach));
    first[a] = static_cast<std::size_t>(begin);
    double t = (-0.5 - at[a] + begin) * scale, last = std::erf(t);
    for (double i = begin; i < end; ++i) {
      t += scale;
      const double now = std::erf(t);
      w[a].push_back(now - last);
      last = now;
    }
  }
  double sum = 0, weight = 0;
  std::map<double, double> votes;
  for (std::size_t z = 0; z < w[2].size(); ++z)
    for (std::size_t y = 0; y < w[1].size(); ++y)
      for (std::size_t x = 0; x < w[0].size(); ++x) {
        const double v = image.at(first[0] + x, first[1] + y, first[2] + z), u = w[0][x] * w[1][y] * w[2][z];
        sum += u * v, weight += u;
        if (label) votes[v] += u;
      }
  if (label) return std::ranges::max_element(votes, {}, [](const auto& v) { return v.second; })->first;
  return sum / weight;
}

double interpolated(const Volume<double>& source, const Vec3& at, ResampleMethod method) {
  switch (method) {
    case ResampleMethod::Nearest: {
      const Size3 i = nearest(at, source.geometry.size);
      return source.at(i[0], i[1], i[2]);
    }
    case ResampleMethod::Linear:
      return linear_at(source, at);
    case ResampleMethod::BSpline:
      return spline_at(source, at);
    case ResampleMethod::Gaussian:
    case ResampleMethod::LabelGaussian:
      return gaussian_at(source, at, method == ResampleMethod::LabelGaussian);
    default:
      return sinc_at(source, at, method);
  }
}

/// The resampled grid around the box.
Geometry target_grid(const Geometry& g, const Vec3& spacing, const IndexBox& box, int pad) {
  Geometry out = g;
  Vec3 origin{};
  out.spacing_mm = spacing;
  for (std::size_t a = 0; a < 3; ++a) {
    const double ratio = g.spacing_mm[a] / spacing[a], first = static_cast<double>(box.first[a]), size = static_cast<double>(box.last[a] - box.first[a] + 1);
    const double low = std::max(0.0, std::floor((first - 0.5) * ratio - pad));
    const double high = std::min(std::ceil((first + size - 0.5) * ratio + pad), std::ceil(static_cast<double>(g.size[a]) * ratio) - 1);
    out.size[a] = static_cast<std::size_t>(high - low + 1);
    origin[a] = 0.5 * (spacing[a] - g.spacing_mm[a]) / g.spacing_mm[a] + low / ratio;
  }
  out.origin_mm = g.index_to_lps_mm(origin);
  return out;
}

}  // namespace

LabelVolume resample_labels_to(const LabelVolume& labels, const Geometry& grid) {
  LabelVolume out(grid);
  for_each_place(labels.geometry, grid, [&](std::size_t k, const Vec3& at) {
    const Size3 i = nearest(at, labels.geometry.size);
    out.voxels[k] = labels.at(i[0], i[1], i[2]);
  });
  return out;
}

void resample_region(ScalarImage& image, Mask& mask, const IndexBox& box, const Settings& s) {
  const Geometry g = image.volume.geometry;
  Vec3 spacing{};
  bool same = true;
  for (std::size_t a = 0; a < 3; ++a) {
    spacing[a] = s.resampled_spacing_mm[a] == 0 || box.first[a] == box.last[a] ? g.spacing_mm[a] : s.resampled_spacing_mm[a];
    same = same && std::abs(g.spacing_mm[a] - spacing[a]) <= 1e-8 + 1e-5 * spacing[a];
  }
  if (same) {
    const IndexBox wide = padded(box, static_cast<std::size_t>(s.pad_distance), g.size);
    image.volume = crop(image.volume, wide);
    mask = crop(mask, wide);
    return;
  }
  const Geometry target = target_grid(g, spacing, box, s.pad_distance);
  if (static_cast<double>(target.size[0]) * static_cast<double>(target.size[1]) * static_cast<double>(target.size[2]) > 1e9)
    throw unusable_input("resampling to " + std::to_string(target.size[0]) + "×" + std::to_string(target.size[1]) + "×" + std::to_string(target.size[2]) + " voxels", "resampledPixelSpacing",
                         "choose a larger spacing");
  Volume<double> values(target);
  Mask region(target);
  const Volume<double> source = s.interpolator == ResampleMethod::BSpline ? coefficients(image.volume) : image.volume;
  for_each_place(g, target, [&](std::size_t k, const Vec3& at) {
    const Size3 i = nearest(at, g.size);
    region.voxels[k] = mask.at(i[0], i[1], i[2]);
    values.voxels[k] = as_kind(interpolated(source, at, s.interpolator), image);
  });
  image.volume = std::move(values);
  mask = std::move(region);
}

}  // namespace gliocast::radiomics
