#pragma once
#include <cstddef>

namespace gliocast::learn {

/// Solves m x = b for a symmetric positive definite m [size, size] by Cholesky's decomposition; x replaces b, the
/// factor the upper half of m. `stride`: of the rows, whole lanes; what stands beyond `size` in a row is of no matter,
/// but finite. False where m is singular to within rounding; b is then spoiled.
[[nodiscard]] bool solve_positive(double* m, std::size_t size, std::size_t stride, double* b);

}  // namespace gliocast::learn
