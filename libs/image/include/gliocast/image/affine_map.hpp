#pragma once
#include <gliocast/core/geometry.hpp>

#include <array>
#include <string>

namespace gliocast::image {

/// A rigid or affine map of LPS positions in mm: p ↦ matrix · p + translation. It takes a point of the target to where
/// it lies in the source.
struct AffineMap {
  Mat3 matrix{1, 0, 0, 0, 1, 0, 0, 0, 1};
  Vec3 translation_mm{0, 0, 0};

  [[nodiscard]] Vec3 operator()(const Vec3& p) const noexcept;
};

/// p ↦ outer(inner(p)).
[[nodiscard]] AffineMap compose(const AffineMap& outer, const AffineMap& inner) noexcept;
/// The map back; the matrix must be regular.
[[nodiscard]] AffineMap inverse(const AffineMap& map) noexcept;
/// Rotation about the x, y and z axes through `centre_mm` (Rz · Rx · Ry, radians, as ITK's Euler3DTransform), then a
/// shift.
[[nodiscard]] AffineMap rigid_map(const Vec3& angles_rad, const Vec3& shift_mm, const Vec3& centre_mm) noexcept;
/// Angle in degrees of the rotation in a rigid map.
[[nodiscard]] double rotation_degrees(const AffineMap& map) noexcept;
/// Root mean square distance in mm between two maps over a ball of `radius_mm` about `centre_mm` (Jenkinson 1999).
[[nodiscard]] double rms_difference_mm(const AffineMap& a, const AffineMap& b, const Vec3& centre_mm,
                                       double radius_mm = 80) noexcept;
/// 4×4 matrix of the same map of RAS positions, row major.
[[nodiscard]] std::array<double, 16> ras_matrix(const AffineMap& map) noexcept;
/// The map as an ITK transform file (text), which ITK, SimpleITK, ANTs and 3D Slicer read.
[[nodiscard]] std::string itk_transform_text(const AffineMap& map);

}  // namespace gliocast::image
