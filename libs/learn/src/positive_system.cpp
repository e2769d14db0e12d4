#include "positive_system.hpp"

#include "column_kernels.hpp"
#include "instruction_sets.hpp"

#include <cmath>

namespace gliocast::learn {
namespace {

typedef double Vector __attribute__((vector_size(kLane * sizeof(double))));

constexpr double kLeastPivot = 1e-13;  // of the diagonal
constexpr std::size_t kBlock = 4;      // rows of the factor that later rows take off in one pass

/// Takes the products of `count` (≤ kBlock) rows of the factor, from `first` on, off row i, from its lane on.
GLIOCAST_CLONES void take_off(double* m, std::size_t stride, std::size_t first, std::size_t count, std::size_t i,
                              std::size_t size) {
  auto* row = reinterpret_cast<Vector*>(m + i * stride);
  const Vector* from[kBlock];
  double factor[kBlock] = {};
  for (std::size_t k = 0; k < kBlock; ++k) {
    const std::size_t pivot = first + (k < count ? k : 0);
    from[k] = reinterpret_cast<const Vector*>(m + pivot * stride);
    if (k < count) factor[k] = m[pivot * stride + i];
  }
  for (std::size_t j = i / kLane; j < padded(size) / kLane; ++j)
    row[j] -= (factor[0] * from[0][j] + factor[1] * from[1][j]) + (factor[2] * from[2][j] + factor[3] * from[3][j]);
}

/// The factor U of m = UᵀU in the upper half. False where a pivot vanishes.
bool decompose(double* m, std::size_t size, std::size_t stride) {
  for (std::size_t first = 0; first < size; first += kBlock) {
    const std::size_t count = size - first < kBlock ? size - first : kBlock;
    for (std::size_t p = first; p < first + count; ++p) {
      double* row = m + p * stride;
      const double diagonal = m[p * stride + p];
      if (p > first) take_off(m, stride, first, p - first, p, size);
      if (!(row[p] > kLeastPivot * diagonal) || !(row[p] > 0)) return false;
      const double pivot = std::sqrt(row[p]);
      for (std::size_t j = p; j < size; ++j) row[j] /= pivot;
    }
    for (std::size_t i = first + count; i < size; ++i) take_off(m, stride, first, count, i, size);
  }
  return true;
}

}  // namespace

bool solve_positive(double* m, std::size_t size, std::size_t stride, double* b) {
  if (!decompose(m, size, stride)) return false;
  for (std::size_t k = 0; k < size; ++k) {
    const double* row = m + k * stride;
    b[k] /= row[k];
    for (std::size_t j = k + 1; j < size; ++j) b[j] -= row[j] * b[k];
  }
  for (std::size_t k = size; k-- > 0;) {
    const double* row = m + k * stride;
    double rest = b[k];
    for (std::size_t j = k + 1; j < size; ++j) rest -= row[j] * b[j];
    b[k] = rest / row[k];
  }
  return true;
}

}  // namespace gliocast::learn
