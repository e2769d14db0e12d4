#include "derived_images.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace gliocast::radiomics {
namespace {

/// A recursive filter of order four, forwards and backwards, whose input goes on beyond both ends with the last value.
struct Recursive {
  std::array<double, 4> n{}, m{}, d{}, bn{}, bm{};
};

/// Numerator of one pair of damped oscillations (Farnebäck and Westin 2006), and its sums.
struct Numerator {
  std::array<double, 4> n{};
  double s = 0, d = 0, e = 0;
};

constexpr double kW1 = 0.6681, kL1 = -1.3932, kW2 = 2.0787, kL2 = -1.3732;

Numerator numerator(double sigma, double a1, double b1, double a2, double b2) {
  const double sin1 = std::sin(kW1 / sigma), sin2 = std::sin(kW2 / sigma), cos1 = std::cos(kW1 / sigma),
               cos2 = std::cos(kW2 / sigma), exp1 = std::exp(kL1 / sigma), exp2 = std::exp(kL2 / sigma);
  Numerator r;
  r.n[0] = a1 + a2;
  r.n[1] = exp2 * (b2 * sin2 - (a2 + 2 * a1) * cos2) + exp1 * (b1 * sin1 - (a1 + 2 * a2) * cos1);
  r.n[2] = ((a1 + a2) * cos2 * cos1 - (b1 * cos2 * sin1 + b2 * cos1 * sin2)) * 2 * exp1 * exp2 + a2 * exp1 * exp1 +
           a1 * exp2 * exp2;
  r.n[3] = exp2 * exp1 * exp1 * (b2 * sin2 - a2 * cos2) + exp1 * exp2 * exp2 * (b1 * sin1 - a1 * cos1);
  r.s = r.n[0] + r.n[1] + r.n[2] + r.n[3];
  r.d = r.n[1] + 2 * r.n[2] + 3 * r.n[3];
  r.e = r.n[1] + 4 * r.n[2] + 9 * r.n[3];
  return r;
}

/// Gaussian (order 0) or its second derivative (order 2), times σ² for the latter; σ in mm.
Recursive make_filter(double sigma_mm, double spacing_mm, int order) {
  const double sigma = sigma_mm / spacing_mm;
  const double cos1 = std::cos(kW1 / sigma), cos2 = std::cos(kW2 / sigma), exp1 = std::exp(kL1 / sigma),
               exp2 = std::exp(kL2 / sigma);
  Recursive f;
  f.d = {-2 * (exp2 * cos2 + exp1 * cos1), 4 * cos2 * cos1 * exp1 * exp2 + exp1 * exp1 + exp2 * exp2,
         -2 * cos1 * exp1 * exp2 * exp2 - 2 * cos2 * exp2 * exp1 * exp1, exp1 * exp1 * exp2 * exp2};
  const double sd = 1 + f.d[0] + f.d[1] + f.d[2] + f.d[3], dd = f.d[0] + 2 * f.d[1] + 3 * f.d[2] + 4 * f.d[3],
               ed = f.d[0] + 4 * f.d[1] + 9 * f.d[2] + 16 * f.d[3];
  const Numerator zero = numerator(sigma, 1.3530, 1.8151, -0.3531, 0.0902);
  double scale = 0;
  if (order == 0) {
    f.n = zero.n;
    scale = 1 / (2 * zero.s / sd - zero.n[0]);
  } else {
    const Numerator two = numerator(sigma, -1.3563, 5.2318, 0.3446, -2.2355);
    const double beta = -(2 * two.s - sd * two.n[0]) / (2 * zero.s - sd * zero.n[0]);
    for (std::size_t k = 0; k < 4; ++k) f.n[k] = two.n[k] + beta * zero.n[k];
    const double sn = two.s + beta * zero.s, dn = two.d + beta * zero.d, en = two.e + beta * zero.e;
    scale =
        sigma_mm * sigma_mm / ((en * sd * sd - ed * sn * sd - 2 * dn * dd * sd + 2 * dd * dd * sn) / (sd * sd * sd));
  }
  for (double& v : f.n) v *= scale;
  f.m = {f.n[1] - f.d[0] * f.n[0], f.n[2] - f.d[1] * f.n[0], f.n[3] - f.d[2] * f.n[0], -f.d[3] * f.n[0]};
  const double sn = f.n[0] + f.n[1] + f.n[2] + f.n[3], sm = f.m[0] + f.m[1] + f.m[2] + f.m[3];
  for (std::size_t k = 0; k < 4; ++k) {
    f.bn[k] = f.d[k] * sn / sd;
    f.bm[k] = f.d[k] * sm / sd;
  }
  return f;
}

constexpr std::size_t kLanes = 32;  ///< lines filtered side by side, so that the processor's vectors are full
using Lanes = std::array<double, kLanes>;

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__)
#define GLIOCAST_WIDE_VECTORS \
  __attribute__((             \
      target_clones("avx512f", "avx2", "default")))  // the processor's own width; products and sums stay apart
                                                     // (-ffp-contract=off), so the numbers are the same
#else
#define GLIOCAST_WIDE_VECTORS
#endif

/// Filters lines of at least four values.
GLIOCAST_WIDE_VECTORS void filter_lines(const Recursive& f, const std::vector<Lanes>& in, std::vector<Lanes>& out,
                                        std::vector<Lanes>& back) {
  const auto n = static_cast<std::ptrdiff_t>(in.size());
  const auto x = [&](std::ptrdiff_t i) -> const Lanes& {
    return in[static_cast<std::size_t>(i < 0 ? 0 : i >= n ? n - 1 : i)];
  };
  const auto one = [](Lanes& to, const std::array<const Lanes*, 4>& data, const std::array<double, 4>& weight,
                      const std::array<const Lanes*, 4>& earlier, const std::array<double, 4>& feedback) {
    for (std::size_t l = 0; l < kLanes; ++l) {
      const double v =
          (*data[0])[l] * weight[0] + (*data[1])[l] * weight[1] + (*data[2])[l] * weight[2] + (*data[3])[l] * weight[3];
      const double r = (*earlier[0])[l] * feedback[0] + (*earlier[1])[l] * feedback[1] +
                       (*earlier[2])[l] * feedback[2] + (*earlier[3])[l] * feedback[3];
      to[l] = v - r;
    }
  };
  for (std::ptrdiff_t i = 0; i < n; ++i) {
    std::array<const Lanes*, 4> earlier{};
    std::array<double, 4> feedback{};
    for (std::ptrdiff_t k = 0; k < 4; ++k) {
      const bool there = i - k - 1 >= 0;
      earlier[static_cast<std::size_t>(k)] = there ? &out[static_cast<std::size_t>(i - k - 1)] : &in.front();
      feedback[static_cast<std::size_t>(k)] =
          there ? f.d[static_cast<std::size_t>(k)] : f.bn[static_cast<std::size_t>(k)];
    }
    one(out[static_cast<std::size_t>(i)], {&x(i), &x(i - 1), &x(i - 2), &x(i - 3)}, f.n, earlier, feedback);
  }
  for (std::ptrdiff_t i = n - 1; i >= 0; --i) {
    std::array<const Lanes*, 4> earlier{};
    std::array<double, 4> feedback{};
    for (std::ptrdiff_t k = 0; k < 4; ++k) {
      const bool there = i + k + 1 < n;
      earlier[static_cast<std::size_t>(k)] = there ? &back[static_cast<std::size_t>(i + k + 1)] : &in.back();
      feedback[static_cast<std::size_t>(k)] =
          there ? f.d[static_cast<std::size_t>(k)] : f.bm[static_cast<std::size_t>(k)];
    }
    one(back[static_cast<std::size_t>(i)], {&x(i + 1), &x(i + 2), &x(i + 3), &x(i + 4)}, f.m, earlier, feedback);
  }
  for (std::size_t i = 0; i < in.size(); ++i)
    for (std::size_t l = 0; l < kLanes; ++l) out[i][l] += back[i][l];
}

/// A block of the image; along each axis either all of it or the box alone.
struct Part {
  Size3 size{};
  std::vector<float> values;
};

/// Filters all lines along `axis` and keeps the box along it.
template <typename Source>
Part filter_axis(const Size3& size, const Source& source, std::size_t axis, const IndexBox& box, const Recursive& f) {
  Part out;
  out.size = size;
  out.size[axis] = box.last[axis] - box.first[axis] + 1;
  out.values.resize(out.size[0] * out.size[1] * out.size[2]);
  const std::array<std::size_t, 3> from{1, size[0], size[0] * size[1]}, to{1, out.size[0], out.size[0] * out.size[1]};
  const std::size_t u = axis == 0 ? 1 : 0, v = axis == 2 ? 1 : 2;
  std::vector<Lanes> lines(size[axis]), result(size[axis]), back(size[axis]);
  for (std::size_t j = 0; j < size[v]; ++j)
    for (std::size_t i = 0; i < size[u]; i += kLanes) {
      const std::size_t lanes = std::min(kLanes, size[u] - i), start = i * from[u] + j * from[v];
      for (std::size_t k = 0; k < size[axis]; ++k)
        for (std::size_t l = 0; l < lanes; ++l)
          lines[k][l] = static_cast<double>(source[start + l * from[u] + k * from[axis]]);
      filter_lines(f, lines, result, back);
      for (std::size_t k = 0; k < out.size[axis]; ++k)
        for (std::size_t l = 0; l < lanes; ++l)
          out.values[(i + l) * to[u] + j * to[v] + k * to[axis]] = static_cast<float>(result[box.first[axis] + k][l]);
    }
  return out;
}

}  // namespace

Volume<double> laplacian_of_gaussian(const Volume<double>& image, const IndexBox& box, double sigma_mm,
                                     std::size_t axes) {
  const Geometry& g = image.geometry;
  Volume<double> out = crop(image, box);
  std::vector<float> sum(out.voxels.size(), 0.0F);
  for (std::size_t axis = 0; axis < axes; ++axis) {
    Part part = filter_axis(g.size, image.voxels, axis, box, make_filter(sigma_mm, g.spacing_mm[axis], 2));
    for (std::size_t other = 0; other < axes; ++other)
      if (other != axis)
        part = filter_axis(part.size, part.values, other, box, make_filter(sigma_mm, g.spacing_mm[other], 0));
    const double scale = 1.0 / (g.spacing_mm[axis] * g.spacing_mm[axis]);
    for (std::size_t i = 0; i < sum.size(); ++i)
      sum[i] = static_cast<float>(static_cast<double>(sum[i]) + static_cast<double>(part.values[i]) * scale);
  }
  for (std::size_t i = 0; i < sum.size(); ++i) out.voxels[i] = static_cast<double>(sum[i]);
  return out;
}

}  // namespace gliocast::radiomics
