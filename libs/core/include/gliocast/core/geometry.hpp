#pragma once
#include <array>
#include <cstddef>
#include <string>

namespace gliocast {

using Vec3 = std::array<double, 3>;
using Mat3 = std::array<double, 9>;  ///< row major; the columns of a direction matrix are the image axes
using Size3 = std::array<std::size_t, 3>;

/// Where the voxels of a volume lie in the patient. Physical space is LPS (x to the left, y to the back, z to the
/// head), in mm, as in DICOM and ITK.
struct Geometry {
  Size3 size{0, 0, 0};                        ///< voxels along x (fastest in memory), y, z
  Vec3 spacing_mm{1, 1, 1};                   ///< distance of neighbouring voxel centres, > 0
  Vec3 origin_mm{0, 0, 0};                    ///< LPS position of the centre of voxel (0, 0, 0)
  Mat3 direction{1, 0, 0, 0, 1, 0, 0, 0, 1};  ///< unit column vectors of the image axes in LPS

  [[nodiscard]] std::size_t voxel_count() const noexcept { return size[0] * size[1] * size[2]; }
  [[nodiscard]] double voxel_volume_mm3() const noexcept { return spacing_mm[0] * spacing_mm[1] * spacing_mm[2]; }

  /// LPS position in mm of a (continuous) index.
  [[nodiscard]] Vec3 index_to_lps_mm(const Vec3& index) const noexcept;
  /// Continuous index of an LPS position in mm. The direction matrix must be regular (readers see to it).
  [[nodiscard]] Vec3 lps_mm_to_index(const Vec3& lps_mm) const noexcept;
  /// 4×4 matrix, row major, from index to RAS mm (the affine of nibabel).
  [[nodiscard]] std::array<double, 16> index_to_ras_matrix() const noexcept;

  /// Equal to the last bit; grids of files that show the same voxels are compared by same_grid().
  friend bool operator==(const Geometry&, const Geometry&) = default;
};

/// Whether two grids have the same size and the same places: every corner of `b` within `tolerance` voxels of `a` of
/// the same corner of `a`.
[[nodiscard]] bool same_grid(const Geometry& a, const Geometry& b, double tolerance = 1e-2) noexcept;

/// "240×240×155 voxels, 1×1×1 mm, origin (0, -239, 0) mm" for messages.
[[nodiscard]] std::string describe(const Geometry& geometry);

/// What differs between two geometries, in words, e.g. "size 240×240×155 vs 181×217×181"; empty where `same_grid`.
[[nodiscard]] std::string describe_difference(const Geometry& a, const Geometry& b);

/// Inverse of a regular matrix, by cofactors; not finite where it is singular.
[[nodiscard]] Mat3 inverse(const Mat3& m) noexcept;
/// Determinant, by the first row.
[[nodiscard]] double determinant(const Mat3& m) noexcept;
/// m·v.
[[nodiscard]] Vec3 multiply(const Mat3& m, const Vec3& v) noexcept;

}  // namespace gliocast
