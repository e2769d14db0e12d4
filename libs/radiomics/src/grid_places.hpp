#pragma once
#include <gliocast/core/geometry.hpp>
#include <gliocast/core/parallel.hpp>
#include <gliocast/core/singular_values.hpp>

namespace gliocast::radiomics {

/// Index and LPS position of a grid, rounded as ITK rounds them (itk::ImageBase): by one matrix, direction · spacing,
/// and its inverse by singular values. Geometry's own functions, which the rest of the program uses, round otherwise.
class GridPlaces {
 public:
  explicit GridPlaces(const Geometry& g) : to_mm_(g.direction), origin_mm_(g.origin_mm) {
    for (std::size_t r = 0; r < 3; ++r)
      for (std::size_t c = 0; c < 3; ++c) to_mm_[3 * r + c] *= g.spacing_mm[c];
    to_index_ = inverse_by_singular_values(to_mm_);
  }

  /// LPS position in mm of a voxel's centre: summed from the origin on.
  [[nodiscard]] Vec3 lps_mm_of_voxel(const Vec3& index) const noexcept {
    Vec3 p = origin_mm_;
    for (std::size_t r = 0; r < 3; ++r)
      for (std::size_t c = 0; c < 3; ++c) p[r] += to_mm_[3 * r + c] * index[c];
    return p;
  }
  /// LPS position in mm of a continuous index: the origin is added last.
  [[nodiscard]] Vec3 lps_mm_of(const Vec3& index) const noexcept {
    const Vec3 p = product(to_mm_, index);
    return {p[0] + origin_mm_[0], p[1] + origin_mm_[1], p[2] + origin_mm_[2]};
  }
  /// Continuous index of an LPS position in mm.
  [[nodiscard]] Vec3 index_of(const Vec3& lps_mm) const noexcept {
    return product(to_index_, {lps_mm[0] - origin_mm_[0], lps_mm[1] - origin_mm_[1], lps_mm[2] - origin_mm_[2]});
  }

 private:
  /// As multiply(), but compiled here, where no multiplication and addition are fused into one rounding.
  static Vec3 product(const Mat3& m, const Vec3& v) noexcept {
    Vec3 out{};
    for (std::size_t r = 0; r < 3; ++r) out[r] = m[3 * r] * v[0] + m[3 * r + 1] * v[1] + m[3 * r + 2] * v[2];
    return out;
  }

  Mat3 to_mm_, to_index_{};
  Vec3 origin_mm_;
};

/// Calls body(k, index in the source) for every voxel k of the target whose place lies in the source; slices side by
/// side, each with a copy of the body. Along a row, indices are interpolated between its two ends, as
/// itk::ResampleImageFilter does.
template <typename Body>
void for_each_place(const Geometry& source, const Geometry& target, std::size_t threads, const Body& body) {
  const GridPlaces from(source), to(target);
  const Size3& n = target.size;
  const auto width = static_cast<double>(n[0]);
  const auto row = [&](Body& own, double y, double z, std::size_t k) {
    const Vec3 first = from.index_of(to.lps_mm_of_voxel({0, y, z}));
    const Vec3 last = from.index_of(to.lps_mm_of_voxel({width, y, z}));
    for (std::size_t x = 0; x < n[0]; ++x, ++k) {
      const double part = static_cast<double>(x) / width;
      Vec3 at = first;
      bool inside = true;
      for (std::size_t a = 0; a < 3; ++a) {
        at[a] += part * (last[a] - first[a]);
        inside = inside && at[a] >= -0.5 && at[a] < static_cast<double>(source.size[a]) - 0.5;
      }
      if (inside) own(k, at);
    }
  };
  parallel_for(n[2], threads, [&](std::size_t z) {
    Body own = body;
    for (std::size_t y = 0; y < n[1]; ++y)
      row(own, static_cast<double>(y), static_cast<double>(z), (z * n[1] + y) * n[0]);
  });
}

}  // namespace gliocast::radiomics
