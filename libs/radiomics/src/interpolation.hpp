#pragma once
#include <gliocast/core/volume.hpp>
#include <gliocast/radiomics/parameters.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <vector>

namespace gliocast::radiomics {

/// Whole number nearest to twice the value and `add`, halved downwards: ITK's rounding on x86 (itk::Math). Adding and
/// taking away 1.5 · 2⁵² rounds halves to even.
[[nodiscard]] inline std::ptrdiff_t rounded_by_halves(double v, double add) noexcept {
  constexpr double kShift = 6755399441055744.0;
  return static_cast<std::ptrdiff_t>((2 * v + add + kShift) - kShift) >> 1;
}
/// Whole number nearest to v, halves upwards.
[[nodiscard]] inline std::ptrdiff_t rounded_half_up(double v) noexcept { return rounded_by_halves(v, 0.5); }
/// Largest whole number not above v; −1e-17 is not below 0.
[[nodiscard]] inline std::ptrdiff_t rounded_down(double v) noexcept { return rounded_by_halves(v, -0.5); }

/// The voxel nearest to a continuous index.
[[nodiscard]] inline Size3 nearest_voxel(const Vec3& at, const Size3& size) noexcept {
  Size3 out{};
  for (std::size_t a = 0; a < 3; ++a) {
    const auto last = static_cast<std::ptrdiff_t>(size[a]) - 1;
    out[a] = static_cast<std::size_t>(std::clamp<std::ptrdiff_t>(rounded_half_up(at[a]), 0, last));
  }
  return out;
}

/// Coefficients of the cubic B-spline through the voxels; mirrored at the image's ends (Unser 1999). Same shape.
[[nodiscard]] Volume<double> spline_coefficients(const Volume<double>& image, std::size_t threads = 1);

/// Weights of an axis of the wider kernels, and where in the image they lie.
struct KernelAxis {
  double at = std::numeric_limits<double>::quiet_NaN();
  std::vector<double> weight;
  std::vector<std::size_t> from;
};

/// Values at continuous indices within half a voxel of the image, by SimpleITK's interpolators: operation by operation
/// as ITK, since whole-number images lose the decimals. Keeps the weights of an axis while the place along it stays.
class Interpolator {
 public:
  /// `source`: the image, for BSpline its coefficients; it must outlive this. `dimensions`: 2 for a plane, of which ITK
  /// has no third axis to weight.
  Interpolator(const Volume<double>& source, ResampleMethod method, int dimensions = 3)
      : source_(&source), method_(method), dimensions_(dimensions) {}
  [[nodiscard]] double operator()(const Vec3& at);

 private:
  const Volume<double>* source_;
  ResampleMethod method_;
  int dimensions_;
  std::array<KernelAxis, 3> axes_;
};

}  // namespace gliocast::radiomics
