#include "column_kernels.hpp"

#include "instruction_sets.hpp"

namespace gliocast::learn {
namespace {

typedef double Vector __attribute__((vector_size(kLane * sizeof(double))));

constexpr std::size_t kTile = 4;  // columns that share a pass

}  // namespace

GLIOCAST_CLONES double dot(const double* a, const double* b, std::size_t n) {
  const auto* av = reinterpret_cast<const Vector*>(a);
  const auto* bv = reinterpret_cast<const Vector*>(b);
  Vector sum[kTile] = {};
  const std::size_t lanes = n / kLane;
  std::size_t i = 0;
  for (; i + kTile <= lanes; i += kTile)
    for (std::size_t k = 0; k < kTile; ++k) sum[k] += av[i + k] * bv[i + k];
  for (; i < lanes; ++i) sum[0] += av[i] * bv[i];
  const Vector all = (sum[0] + sum[1]) + (sum[2] + sum[3]);
  double total = 0;
  for (std::size_t l = 0; l < kLane; ++l) total += all[l];
  return total;
}

GLIOCAST_CLONES void dots(const double* const* columns, std::size_t count, const double* r, std::size_t n,
                          double* out) {
  const auto* rv = reinterpret_cast<const Vector*>(r);
  for (std::size_t c = 0; c < count; c += kTile) {
    const Vector* x[kTile];
    Vector sum[kTile] = {};
    for (std::size_t k = 0; k < kTile; ++k)
      x[k] = reinterpret_cast<const Vector*>(columns[c + k < count ? c + k : count - 1]);
    for (std::size_t i = 0; i < n / kLane; ++i)
      for (std::size_t k = 0; k < kTile; ++k) sum[k] += x[k][i] * rv[i];
    for (std::size_t k = 0; k < kTile && c + k < count; ++k) {
      double total = 0;
      for (std::size_t l = 0; l < kLane; ++l) total += sum[k][l];
      out[c + k] = total;
    }
  }
}

GLIOCAST_CLONES void weighted_squares(const double* const* columns, std::size_t count, const double* v, std::size_t n,
                                      double* out) {
  const auto* vv = reinterpret_cast<const Vector*>(v);
  for (std::size_t c = 0; c < count; ++c) {
    const auto* x = reinterpret_cast<const Vector*>(columns[c]);
    Vector sum = {};
    for (std::size_t i = 0; i < n / kLane; ++i) sum += x[i] * x[i] * vv[i];
    double total = 0;
    for (std::size_t l = 0; l < kLane; ++l) total += sum[l];
    out[c] = total;
  }
}

GLIOCAST_CLONES void paired_dots(const double* const* columns, std::size_t count, const double* first,
                                 const double* second, std::size_t n, double* first_out, double* second_out) {
  const auto* a = reinterpret_cast<const Vector*>(first);
  const auto* b = reinterpret_cast<const Vector*>(second);
  for (std::size_t c = 0; c < count; c += kTile) {
    const Vector* x[kTile];
    Vector sum_a[kTile] = {}, sum_b[kTile] = {};
    for (std::size_t k = 0; k < kTile; ++k)
      x[k] = reinterpret_cast<const Vector*>(columns[c + k < count ? c + k : count - 1]);
    for (std::size_t i = 0; i < n / kLane; ++i)
      for (std::size_t k = 0; k < kTile; ++k) {
        sum_a[k] += x[k][i] * a[i];
        sum_b[k] += x[k][i] * b[i];
      }
    for (std::size_t k = 0; k < kTile && c + k < count; ++k) {
      double total_a = 0, total_b = 0;
      for (std::size_t l = 0; l < kLane; ++l) {
        total_a += sum_a[k][l];
        total_b += sum_b[k][l];
      }
      first_out[c + k] = total_a;
      second_out[c + k] = total_b;
    }
  }
}

GLIOCAST_CLONES void add_scaled(double* y, const double* x, double factor, std::size_t n) {
  auto* to = reinterpret_cast<Vector*>(y);
  const auto* from = reinterpret_cast<const Vector*>(x);
  for (std::size_t i = 0; i < n / kLane; ++i) to[i] += factor * from[i];
}

GLIOCAST_CLONES void multiply(const double* a, const double* b, std::size_t n, double* out) {
  const auto* av = reinterpret_cast<const Vector*>(a);
  const auto* bv = reinterpret_cast<const Vector*>(b);
  auto* to = reinterpret_cast<Vector*>(out);
  for (std::size_t i = 0; i < n / kLane; ++i) to[i] = av[i] * bv[i];
}

GLIOCAST_CLONES void subtract_weighted(double* r, const double* v, const double* x, double centre, double factor,
                                       std::size_t n) {
  auto* to = reinterpret_cast<Vector*>(r);
  const auto* vv = reinterpret_cast<const Vector*>(v);
  const auto* xv = reinterpret_cast<const Vector*>(x);
  for (std::size_t i = 0; i < n / kLane; ++i) to[i] -= factor * (vv[i] * (xv[i] - centre));
}

}  // namespace gliocast::learn
