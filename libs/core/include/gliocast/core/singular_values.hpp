#pragma once
#include <array>

namespace gliocast {

/// U·W·Vᵀ of a 3×3 matrix.
template <typename T>
struct SingularValues {
  std::array<std::array<T, 3>, 3> left{}, right{};  ///< columns of U and V
  std::array<T, 3> values{};                        ///< the diagonal of W, descending
};

/// Singular values of a 3×3 matrix (row major), of float or double, rounded as ITK's are (vnl_svd): which of two voxels
/// a place halfway between them falls to depends on their last bits. Source: LINPACK, SSVDC and DSVDC (Stewart 1978;
/// public domain) with the BLAS of its time, for n = p = 3 and both sets of vectors.
template <typename T>
[[nodiscard]] SingularValues<T> singular_values(const std::array<T, 9>& m);

/// Inverse of a regular 3×3 matrix (row major) by its singular values, V·W⁻¹·Uᵀ, rounded as vnl_matrix_inverse.
template <typename T>
[[nodiscard]] std::array<T, 9> inverse_by_singular_values(const std::array<T, 9>& m);

}  // namespace gliocast
