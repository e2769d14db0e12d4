#include "n4.hpp"

#include <unsupported/Eigen/FFT>

#include <algorithm>
#include <array>
#include <cmath>
#include <complex>
#include <numbers>
#include <vector>

namespace gliocast::preprocess {
namespace {

constexpr std::size_t kBins = 200;
constexpr double kWidth = 0.15;  ///< full width at half maximum of the field's distribution, in logarithms
constexpr double kNoise = 0.01;  ///< of the Wiener filter
constexpr double kEdge = 1e-3;   ///< of a voxel: the last one lies this far within the last span

using Values = std::vector<double>;

/// A 3-D array of numbers, x fastest.
struct Grid {
  Size3 size{};
  Values values;
};

Grid zeros(const Size3& size) { return {size, Values(size[0] * size[1] * size[2], 0.0)}; }

/// Cubic B-spline weights of the voxels along one axis on a lattice of `points` control points, to a power.
struct Axis {
  std::size_t points = 0;
  std::vector<std::size_t> first;                             ///< of the four control points of each voxel
  std::array<std::vector<std::array<double, 4>>, 3> weights;  ///< to the powers 1, 2 and 3
  Values square_sum;                                          ///< of the weights of each voxel
};

Axis make_axis(std::size_t voxels, std::size_t points) {
  Axis a;
  a.points = points;
  const auto spans = static_cast<double>(points - 3), per_voxel = spans / static_cast<double>(voxels - 1);
  for (std::size_t i = 0; i < voxels; ++i) {
    const double u = i + 1 == voxels ? spans - kEdge * per_voxel : static_cast<double>(i) * per_voxel;
    const double from = std::floor(u), t = u - from, s = 1 - t;
    const std::array<double, 4> w{s * s * s / 6, (3 * t * t * t - 6 * t * t + 4) / 6,
                                  (3 * s * s * s - 6 * s * s + 4) / 6, t * t * t / 6};
    a.first.push_back(static_cast<std::size_t>(from));
    std::array<double, 4> power{1, 1, 1, 1};
    for (auto& list : a.weights) {
      for (std::size_t k = 0; k < 4; ++k) power[k] *= w[k];
      list.push_back(power);
    }
    const auto& squares = a.weights[1].back();
    a.square_sum.push_back(squares[0] + squares[1] + squares[2] + squares[3]);
  }
  return a;
}

/// Control points to voxels along one axis; transposed: voxels to control points.
Grid along(const Grid& in, const Axis& axis, std::size_t dimension, std::size_t power, bool transposed) {
  Size3 size = in.size;
  size[dimension] = transposed ? axis.points : axis.first.size();
  Grid out = zeros(size);
  std::size_t stride = 1, blocks = 1;
  for (std::size_t d = 0; d < 3; ++d) (d < dimension ? stride : blocks) *= d == dimension ? 1 : size[d];
  for (std::size_t b = 0; b < blocks; ++b)
    for (std::size_t i = 0; i < axis.first.size(); ++i)
      for (std::size_t k = 0; k < 4; ++k) {
        const double w = axis.weights[power - 1][i][k];
        const std::size_t voxel = i, point = axis.first[i] + k;
        const double* from = &in.values[stride * ((transposed ? voxel : point) + in.size[dimension] * b)];
        double* to = &out.values[stride * ((transposed ? point : voxel) + size[dimension] * b)];
        for (std::size_t s = 0; s < stride; ++s) to[s] += w * from[s];
      }
  return out;
}

/// The lattice of B-spline coefficients and its voxels.
class Lattice {
 public:
  Lattice(const Size3& voxels, std::size_t points) : voxels_(voxels), coefficients_(zeros({points, points, points})) {
    prepare();
  }

  /// Adds the least-squares-like fit of Lee, Wolberg and Shin 1997 to `residual` where `inside`.
  void add_fit(const Grid& residual, const Grid& inside) {
    if (denominator_.values.empty()) denominator_ = to_points(inside, 2);
    Grid scaled = residual;
    std::size_t i = 0;
    for (std::size_t z = 0; z < voxels_[2]; ++z)
      for (std::size_t y = 0; y < voxels_[1]; ++y) {
        const double yz = axes_[2].square_sum[z] * axes_[1].square_sum[y];
        for (std::size_t x = 0; x < voxels_[0]; ++x, ++i)
          scaled.values[i] = inside.values[i] > 0 ? residual.values[i] / (yz * axes_[0].square_sum[x]) : 0;
      }
    const Grid numerator = to_points(scaled, 3);
    for (std::size_t k = 0; k < coefficients_.values.size(); ++k)
      if (denominator_.values[k] != 0) coefficients_.values[k] += numerator.values[k] / denominator_.values[k];
  }

  [[nodiscard]] Grid evaluate() const {
    return along(along(along(coefficients_, axes_[0], 0, 1, false), axes_[1], 1, 1, false), axes_[2], 2, 1, false);
  }

  /// The same field on a lattice of half the distance.
  void refine() {
    for (std::size_t d = 0; d < 3; ++d) {
      const Grid old = coefficients_;
      Size3 size = old.size;
      size[d] = 2 * old.size[d] - 3;
      coefficients_ = zeros(size);
      const auto at = [d](const Grid& g, Size3 i, std::size_t k) -> std::size_t {
        i[d] = k;
        return i[0] + g.size[0] * (i[1] + g.size[1] * i[2]);
      };
      Size3 i{};
      for (i[2] = 0; i[2] < size[2]; ++i[2])
        for (i[1] = 0; i[1] < size[1]; ++i[1])
          for (i[0] = 0; i[0] < size[0]; ++i[0]) {
            const std::size_t k = i[d] / 2;
            const auto c = [&](std::size_t j) { return old.values[at(old, i, j)]; };
            coefficients_.values[at(coefficients_, i, i[d])] =
                i[d] % 2 == 0 ? (c(k) + c(k + 1)) / 2 : (c(k) + 6 * c(k + 1) + c(k + 2)) / 8;
          }
    }
    prepare();
  }

 private:
  void prepare() {
    for (std::size_t d = 0; d < 3; ++d) axes_[d] = make_axis(voxels_[d], coefficients_.size[d]);
    denominator_ = {};
  }

  [[nodiscard]] Grid to_points(const Grid& voxels, std::size_t power) const {
    return along(along(along(voxels, axes_[2], 2, power, true), axes_[1], 1, power, true), axes_[0], 0, power, true);
  }

  Size3 voxels_;
  Grid coefficients_, denominator_;
  std::array<Axis, 3> axes_;
};

using Spectrum = std::vector<std::complex<double>>;

/// The most likely true signal for each histogram bin, E(u|v): the histogram with the Gaussian of the field's
/// distribution deconvolved (Sled 1998).
Values expected_signals(const Values& histogram, double low, double slope) {
  const auto padded =
      static_cast<std::size_t>(std::lround(std::pow(2.0, std::ceil(std::log2(static_cast<double>(kBins))) + 1)));
  const std::size_t offset = (padded - kBins) / 2;
  Eigen::FFT<double> fft;
  const auto forward = [&](const Spectrum& in) {
    Spectrum out;
    fft.fwd(out, in);
    return out;
  };
  const auto backward = [&](const Spectrum& in) {
    Spectrum out;
    fft.inv(out, in);
    return out;
  };
  Spectrum v(padded), gaussian(padded);
  for (std::size_t n = 0; n < kBins; ++n) v[n + offset] = histogram[n];
  const double width = kWidth / slope, decay = 4 * std::numbers::ln2 / (width * width),
               scale = 2 * std::sqrt(std::numbers::ln2 / std::numbers::pi) / width;
  for (std::size_t n = 0; n < padded; ++n) {
    const auto d = static_cast<double>(std::min(n, padded - n));
    gaussian[n] = scale * std::exp(-d * d * decay);
  }
  const Spectrum blur = forward(gaussian);
  Spectrum u = forward(v);
  for (std::size_t n = 0; n < padded; ++n)
    u[n] *= (std::conj(blur[n]) / (std::conj(blur[n]) * blur[n] + kNoise)).real();
  u = backward(u);
  Spectrum weighted(padded);
  for (std::size_t n = 0; n < padded; ++n) {
    u[n] = std::max(u[n].real(), 0.0);
    weighted[n] = (low + (static_cast<double>(n) - static_cast<double>(offset)) * slope) * u[n];
  }
  const auto blurred = [&](const Spectrum& in) {
    Spectrum s = forward(in);
    for (std::size_t n = 0; n < padded; ++n) s[n] *= blur[n];
    return backward(s);
  };
  const Spectrum top = blurred(weighted), bottom = blurred(u);
  Values expected(kBins);
  for (std::size_t n = 0; n < kBins; ++n) {
    const double e = top[n + offset].real() / bottom[n + offset].real();
    expected[n] = std::isfinite(e) ? e : 0;
  }
  return expected;
}

/// Residual = signal − what is expected of it, for the listed voxels.
void sharpen(const Values& signal, const std::vector<std::size_t>& inside, Values& residual) {
  double low = signal[inside.front()], high = low;
  for (const std::size_t i : inside) {
    low = std::min(low, signal[i]);
    high = std::max(high, signal[i]);
  }
  const double slope = (high - low) / static_cast<double>(kBins - 1);
  if (!(slope > 0)) {
    for (const std::size_t i : inside) residual[i] = 0;
    return;
  }
  Values histogram(kBins, 0.0);
  for (const std::size_t i : inside) {
    const double at = (signal[i] - low) / slope;
    const auto bin = std::min(static_cast<std::size_t>(at), kBins - 1);
    const double beyond = at - static_cast<double>(bin);
    histogram[bin] += 1 - beyond;
    if (bin + 1 < kBins) histogram[bin + 1] += beyond;
  }
  const Values expected = expected_signals(histogram, low, slope);
  for (const std::size_t i : inside) {
    const double at = (signal[i] - low) / slope;
    const auto bin = std::min(static_cast<std::size_t>(at), kBins - 1);
    const double e = bin + 1 < kBins
                         ? expected[bin] + (expected[bin + 1] - expected[bin]) * (at - static_cast<double>(bin))
                         : expected[kBins - 1];
    residual[i] = signal[i] - e;
  }
}

/// Coefficient of variation of the ratio of two fields; kept in floats like ITK's, so that the iterations stop where
/// its do.
double change(const Values& before, const Values& after, const std::vector<std::size_t>& inside) {
  float mean = 0, squares = 0;
  double n = 0;
  for (const std::size_t i : inside) {
    const auto ratio = static_cast<double>(std::exp(static_cast<float>(before[i]) - static_cast<float>(after[i])));
    n += 1;
    const double beyond = ratio - static_cast<double>(mean);
    squares = static_cast<float>(static_cast<double>(squares) + beyond * beyond * (n - 1) / n);
    mean = static_cast<float>(static_cast<double>(mean) * (1 - 1 / n) + ratio / n);
  }
  return std::sqrt(static_cast<double>(squares) / (n - 1)) / static_cast<double>(mean);
}

}  // namespace

Volume<float> n4_log_field(const Volume<float>& image, const Mask& where, const BiasFieldOptions& o) {
  const Size3& size = image.geometry.size;
  Grid weight = zeros(size), residual = zeros(size), field = zeros(size);
  Values logarithm(weight.values.size(), 0.0), signal = logarithm;
  std::vector<std::size_t> inside;
  for (std::size_t i = 0; i < where.voxels.size(); ++i)
    if (where.voxels[i]) {
      inside.push_back(i);
      weight.values[i] = 1;
      logarithm[i] = std::log(static_cast<double>(image.voxels[i]));
    }
  signal = logarithm;
  Lattice lattice(size, o.control_points);
  for (unsigned level = 0; level < o.levels; ++level) {
    if (level > 0) lattice.refine();
    double convergence = 1e9;
    for (unsigned k = 0; k < o.iterations && convergence > o.convergence; ++k) {
      sharpen(signal, inside, residual.values);
      lattice.add_fit(residual, weight);
      Grid next = lattice.evaluate();
      convergence = change(field.values, next.values, inside);
      field = std::move(next);
      for (const std::size_t i : inside) signal[i] = logarithm[i] - field.values[i];
    }
  }
  Volume<float> out(image.geometry);
  std::ranges::transform(field.values, out.voxels.begin(), [](double v) { return static_cast<float>(v); });
  return out;
}

}  // namespace gliocast::preprocess
