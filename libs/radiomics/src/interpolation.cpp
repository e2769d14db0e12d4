#include "interpolation.hpp"

#include <gliocast/core/parallel.hpp>

#include <algorithm>
#include <array>
#include <map>
#include <numbers>

namespace gliocast::radiomics {
namespace {

constexpr double kTolerance = 1e-10;  ///< of the first value of the recursion
constexpr std::size_t kLanes = 8;     ///< lines side by side: each for itself would wait for its last value

using Lanes = std::array<double, kLanes>;

/// to + factor · value, lane by lane.
void add_to(Lanes& to, double factor, const Lanes& value) {
  for (std::size_t i = 0; i < kLanes; ++i) to[i] += factor * value[i];
}

/// First value of the recursion from the start on, of a signal that is mirrored at its ends.
void start(std::vector<Lanes>& c, double z) {
  const std::size_t n = c.size();
  const auto horizon = static_cast<std::size_t>(std::ceil(std::log(kTolerance) / std::log(std::abs(z))));
  Lanes sum = c[0];
  double zn = z;
  if (horizon < n) {
    for (std::size_t k = 1; k < horizon; ++k) {
      add_to(sum, zn, c[k]);
      zn *= z;
    }
    c[0] = sum;
    return;
  }
  const double iz = 1.0 / z;
  double z2n = std::pow(z, static_cast<double>(n - 1));
  add_to(sum, z2n, c[n - 1]);
  z2n *= z2n * iz;
  for (std::size_t k = 1; k <= n - 2; ++k) {
    add_to(sum, zn + z2n, c[k]);
    zn *= z;
    z2n *= iz;
  }
  for (std::size_t i = 0; i < kLanes; ++i) c[0][i] = sum[i] / (1.0 - zn * zn);
}

/// Cubic B-spline coefficients of lines, in place (Unser 1999).
void decompose(std::vector<Lanes>& c) {
  const std::size_t n = c.size();
  if (n < 2) return;
  const double z = std::sqrt(3.0) - 2.0;
  const double gain = (1.0 - z) * (1.0 - 1.0 / z), end = z / (z * z - 1.0);
  for (Lanes& v : c)
    for (double& x : v) x *= gain;
  start(c, z);
  for (std::size_t k = 1; k < n; ++k) add_to(c[k], z, c[k - 1]);
  for (std::size_t i = 0; i < kLanes; ++i) c[n - 1][i] = end * (z * c[n - 2][i] + c[n - 1][i]);
  for (std::size_t k = n - 1; k-- > 0;)
    for (std::size_t i = 0; i < kLanes; ++i) c[k][i] = z * (c[k + 1][i] - c[k][i]);
}

/// Largest whole number not above v in single precision, as ITK: just below a whole number it is that number, and the
/// rest is negative instead of nearly 1.
std::ptrdiff_t spline_floor(double v) {
  const auto single = static_cast<float>(v);
  const auto whole = static_cast<std::ptrdiff_t>(single);
  return static_cast<float>(whole) > single ? whole - 1 : whole;
}

/// An index beyond a line's ends, mirrored at their voxels.
std::size_t mirrored(std::ptrdiff_t i, std::ptrdiff_t n) {
  if (n == 1) return 0;
  while (i < 0 || i >= n) i = i < 0 ? -i : 2 * (n - 1) - i;
  return static_cast<std::size_t>(i);
}

double spline_at(const Volume<double>& c, const Vec3& at, int dimensions) {
  std::array<std::array<double, 4>, 3> w{};
  std::array<std::array<std::size_t, 4>, 3> index{};
  for (std::size_t a = 0; a < 3; ++a) {
    const auto n = static_cast<std::ptrdiff_t>(c.geometry.size[a]);
    const std::ptrdiff_t first = spline_floor(at[a]) - 1;
    const double t = at[a] - static_cast<double>(first + 1);
    w[a][3] = (1.0 / 6.0) * t * t * t;
    w[a][0] = (1.0 / 6.0) + 0.5 * t * (t - 1.0) - w[a][3];
    w[a][2] = t + w[a][0] - 2.0 * w[a][3];
    w[a][1] = 1.0 - w[a][0] - w[a][2] - w[a][3];
    for (std::ptrdiff_t k = 0; k < 4; ++k) index[a][static_cast<std::size_t>(k)] = mirrored(first + k, n);
  }
  if (dimensions == 2) w[2] = {1, 0, 0, 0};
  std::array<double, 16> plane{};
  for (std::size_t k = 0; k < plane.size(); ++k) plane[k] = w[0][k % 4] * w[1][k / 4];
  double sum = 0;
  for (std::size_t z = 0; z < 4; ++z)
    for (std::size_t y = 0; y < 4; ++y) {
      const double* row = &c.voxels[c.index(0, index[1][y], index[2][z])];
      for (std::size_t x = 0; x < 4; ++x) sum += plane[4 * y + x] * w[2][z] * row[index[0][x]];
    }
  return sum;
}

double linear_at(const Volume<double>& image, const Vec3& at) {
  std::array<std::array<std::size_t, 2>, 3> i{};
  Vec3 t{};
  for (std::size_t a = 0; a < 3; ++a) {
    i[a][0] = static_cast<std::size_t>(std::max<std::ptrdiff_t>(0, rounded_down(at[a])));
    i[a][1] = std::min(i[a][0] + 1, image.geometry.size[a] - 1);
    t[a] = at[a] - static_cast<double>(i[a][0]);
  }
  // Without a share of the second value it is not read: it may be NaN.
  const auto between = [](double share, const auto& first, const auto& second) {
    const double a = first();
    if (share <= 0) return a;
    const double b = second();
    return a + (b - a) * share;
  };
  const auto along_x = [&](std::size_t y, std::size_t z) {
    return between(
        t[0], [&] { return image.at(i[0][0], i[1][y], i[2][z]); }, [&] { return image.at(i[0][1], i[1][y], i[2][z]); });
  };
  const auto along_y = [&](std::size_t z) {
    return between(t[1], [&] { return along_x(0, z); }, [&] { return along_x(1, z); });
  };
  return between(t[2], [&] { return along_y(0); }, [&] { return along_y(1); });
}

double nearest_at(const Volume<double>& image, const Vec3& at) {
  const Size3 i = nearest_voxel(at, image.geometry.size);
  return image.at(i[0], i[1], i[2]);
}

constexpr int kSincRadius = 5;  ///< voxels on either side

/// The window of a windowed sinc (Meijering 2001).
double window(ResampleMethod method, double x) {
  constexpr double pi = std::numbers::pi, slow = pi / kSincRadius, fast = 2.0 * pi / kSincRadius;
  switch (method) {
    case ResampleMethod::HammingSinc:
      return 0.54 + 0.46 * std::cos(x * slow);
    case ResampleMethod::CosineSinc:
      return std::cos(x * (pi / (2 * kSincRadius)));
    case ResampleMethod::WelchSinc:
      return 1.0 - x * (1.0 / (kSincRadius * kSincRadius)) * x;
    case ResampleMethod::LanczosSinc:
      return x == 0 ? 1 : std::sin(slow * x) / (slow * x);
    default:
      return 0.42 + 0.5 * std::cos(x * slow) + 0.08 * std::cos(x * fast);
  }
}

double sinc(double x) {
  const double p = std::numbers::pi * x;
  return x == 0 ? 1 : std::sin(p) / p;
}

/// Weights of a windowed sinc; beyond the image its edge goes on.
void sinc_axis(KernelAxis& axis, double at, std::size_t voxels, ResampleMethod method) {
  axis = {at, {}, {}};
  const std::ptrdiff_t low = rounded_down(at), last = static_cast<std::ptrdiff_t>(voxels) - 1;
  const double t = at - static_cast<double>(low);
  double x = t + kSincRadius;
  for (std::ptrdiff_t k = 1 - kSincRadius; k <= kSincRadius; ++k) {
    x -= 1;
    axis.weight.push_back(t == 0 ? (k == 0 ? 1 : 0) : window(method, x) * sinc(x));
    axis.from.push_back(static_cast<std::size_t>(std::clamp<std::ptrdiff_t>(low + k, 0, last)));
  }
}

/// Not inlined: the compiler would keep the sum in memory there.
[[gnu::noinline]] double sinc_sum(const Volume<double>& image, const std::array<KernelAxis, 3>& w) {
  constexpr std::size_t kWidth = 2 * kSincRadius;
  std::array<double, kWidth> along_x{};
  std::array<std::size_t, kWidth> from_x{};
  std::ranges::copy(w[0].weight, along_x.begin());
  std::ranges::copy(w[0].from, from_x.begin());
  double sum = 0;
  for (std::size_t z = 0; z < kWidth; ++z)
    for (std::size_t y = 0; y < kWidth; ++y) {
      const double* row = &image.voxels[image.index(0, w[1].from[y], w[2].from[z])];
      const double share_y = w[1].weight[y], share_z = w[2].weight[z];
      for (std::size_t x = 0; x < kWidth; ++x) sum += row[from_x[x]] * along_x[x] * share_y * share_z;
    }
  return sum;
}

/// P(1/2, x), the regularised incomplete gamma function, to 3e-7 as VNL: by its series below 1.5, else by its continued
/// fraction (Lentz); Γ by the six terms of Toth. Its error decides whole grey levels.
double half_gamma(double x) {
  constexpr double a = 0.5, kRelative = 3.0e-7, kTiny = 1.0e-30;
  constexpr int kMostTerms = 100;
  if (!(x > 0)) return 0;
  double zp = 2.50662827563479526904;
  zp += 225.525584619175212544 / a;
  zp -= 268.295973841304927459 / (a + 1.0);
  zp += 80.9030806934622512966 / (a + 2.0);
  zp -= 5.00757863970517583837 / (a + 3.0);
  zp += 0.0114684895434781459556 / (a + 4.0);
  const double log_gamma = std::log(zp) + (a - 0.5) * std::log(a + 4.65) - (a + 4.65);
  const double factor = std::exp(-x + a * std::log(x) - log_gamma);
  if (x < a + 1.0) {
    double place = a, term = 1.0 / a, sum = term;
    for (int i = 1; i <= kMostTerms; ++i) {
      place += 1;
      term *= x / place;
      sum += term;
      if (std::abs(term) < std::abs(sum) * kRelative) break;
    }
    return sum * factor;
  }
  double b = x + 1.0 - a, c = 1.0 / kTiny, d = 1.0 / b, fraction = d;
  for (int i = 1; i <= kMostTerms; ++i) {
    const double numerator = i * (a - i);
    b += 2.0;
    d = numerator * d + b;
    if (std::abs(d) < kTiny) d = kTiny;
    c = b + numerator / c;
    if (std::abs(c) < kTiny) c = kTiny;
    d = 1.0 / d;
    const double step = d * c;
    fraction *= step;
    if (std::abs(step - 1.0) < kRelative) break;
  }
  return 1.0 - factor * fraction;
}

double error_function(double x) { return x < 0 ? -half_gamma(x * x) : half_gamma(x * x); }

/// Weights of a Gaussian, integrated over each voxel and cut at `cut` standard deviations.
void gaussian_axis(KernelAxis& axis, double at, double voxels, double spacing_mm, double sigma_voxels, double cut) {
  axis = {at, {}, {}};
  const double sigma = sigma_voxels * spacing_mm, scale = 1.0 / (std::numbers::sqrt2 * sigma / spacing_mm);
  const double reach = sigma * cut / spacing_mm;
  const double begin = std::max(0.0, std::floor(at + 0.5 - reach));
  const double end = std::min(voxels, std::ceil(at + 0.5 + reach));
  double t = (-0.5 - at + begin) * scale, last = error_function(t);
  for (double i = begin; i < end; ++i) {
    t += scale;
    const double now = error_function(t);
    axis.weight.push_back(now - last);
    axis.from.push_back(static_cast<std::size_t>(i));
    last = now;
  }
}

/// Of an image the weighted mean; of labels the value with the largest weight, of equals the one that had it first.
double gaussian_sum(const Volume<double>& image, const std::array<KernelAxis, 3>& w, bool label) {
  double sum = 0, weight = 0, most = 0, winner = 0;
  std::map<double, double> votes;
  for (std::size_t z = 0; z < w[2].weight.size(); ++z)
    for (std::size_t y = 0; y < w[1].weight.size(); ++y) {
      const double* row = &image.voxels[image.index(w[0].from[0], w[1].from[y], w[2].from[z])];
      for (std::size_t x = 0; x < w[0].weight.size(); ++x) {
        const double v = row[x], u = w[0].weight[x] * w[1].weight[y] * w[2].weight[z];
        sum += v * u;
        weight += u;
        if (!label) continue;
        const double total = votes[v] += u;
        if (total > most) {
          most = total;
          winner = v;
        }
      }
    }
  return label ? winner : sum / weight;
}

}  // namespace

Volume<double> spline_coefficients(const Volume<double>& image, std::size_t threads) {
  Volume<double> out = image;
  const Size3& s = image.geometry.size;
  const std::array<std::size_t, 3> stride{1, s[0], s[0] * s[1]};
  for (std::size_t axis = 0; axis < 3; ++axis) {
    if (s[axis] < 2) continue;
    const std::size_t u = axis == 0 ? 1 : 0, v = axis == 2 ? 1 : 2;
    parallel_for(s[v], threads, [&](std::size_t j) {
      std::vector<Lanes> lines(s[axis]);
      for (std::size_t i = 0; i < s[u]; i += kLanes) {
        const std::size_t wide = std::min(kLanes, s[u] - i);
        double* first = &out.voxels[i * stride[u] + j * stride[v]];
        for (std::size_t k = 0; k < s[axis]; ++k)
          for (std::size_t l = 0; l < wide; ++l) lines[k][l] = first[k * stride[axis] + l * stride[u]];
        decompose(lines);
        for (std::size_t k = 0; k < s[axis]; ++k)
          for (std::size_t l = 0; l < wide; ++l) first[k * stride[axis] + l * stride[u]] = lines[k][l];
      }
    });
  }
  return out;
}

double Interpolator::operator()(const Vec3& at) {
  if (method_ == ResampleMethod::Nearest) return nearest_at(*source_, at);
  if (method_ == ResampleMethod::Linear) return linear_at(*source_, at);
  if (method_ == ResampleMethod::BSpline) return spline_at(*source_, at, dimensions_);
  const bool label = method_ == ResampleMethod::LabelGaussian, gaussian = label || method_ == ResampleMethod::Gaussian;
  const Geometry& g = source_->geometry;
  for (std::size_t a = 0; a < 3; ++a) {
    if (axes_[a].at == at[a]) continue;
    if (gaussian)  // SimpleITK's choices: 0.8 voxels cut at 4 standard deviations, of labels 1 voxel cut at 1
      gaussian_axis(axes_[a], at[a], static_cast<double>(g.size[a]), g.spacing_mm[a], label ? 1 : 0.8, label ? 1 : 4);
    else
      sinc_axis(axes_[a], at[a], g.size[a], method_);
  }
  return gaussian ? gaussian_sum(*source_, axes_, label) : sinc_sum(*source_, axes_);
}

}  // namespace gliocast::radiomics
