#include "pointwise.hpp"

#include <algorithm>
#include <cstring>

// Compiled once for each instruction set and chosen at run time: the default build stays portable.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__)
#define GLIOCAST_CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define GLIOCAST_CLONES
#endif

namespace gliocast::nn {
namespace {

constexpr int64_t kLane = 16;  // floats of one vector register of the widest set
typedef float Vector __attribute__((vector_size(kLane * sizeof(float))));

/// Unaligned load and store; the compiler turns each into one instruction.
__attribute__((always_inline)) inline void load(Vector& v, const float* p) { std::memcpy(&v, p, sizeof v); }
__attribute__((always_inline)) inline void store(float* p, const Vector& v) { std::memcpy(p, &v, sizeof v); }

}  // namespace

GLIOCAST_CLONES
void pointwise(const float* x, const float* weight, const float* bias, float* y, int64_t in, int64_t out,
               int64_t voxels, int64_t begin, int64_t end, bool relu) {
  constexpr int64_t kRows = 4, kColumns = 4;
  const Vector zero{};
  int64_t v = begin;
  for (; v + kColumns * kLane <= end; v += kColumns * kLane) {
    int64_t o = 0;
    for (; o + kRows <= out; o += kRows) {
      Vector sum[kRows][kColumns];
      for (int64_t r = 0; r < kRows; ++r)
        for (int64_t c = 0; c < kColumns; ++c) sum[r][c] = zero + bias[o + r];
      for (int64_t i = 0; i < in; ++i) {
        for (int64_t c = 0; c < kColumns; ++c) {
          Vector value;
          load(value, x + i * voxels + v + c * kLane);
          for (int64_t r = 0; r < kRows; ++r) sum[r][c] += value * weight[(o + r) * in + i];
        }
      }
      for (int64_t r = 0; r < kRows; ++r)
        for (int64_t c = 0; c < kColumns; ++c) {
          const Vector s = sum[r][c];
          store(y + (o + r) * voxels + v + c * kLane, relu ? (s > zero ? s : zero) : s);
        }
    }
    for (; o < out; ++o)
      for (int64_t k = 0; k < kColumns * kLane; ++k) {
        float s = bias[o];
        for (int64_t i = 0; i < in; ++i) s += x[i * voxels + v + k] * weight[o * in + i];
        y[o * voxels + v + k] = relu ? std::max(s, 0.0F) : s;
      }
  }
  for (; v < end; ++v)
    for (int64_t o = 0; o < out; ++o) {
      float s = bias[o];
      for (int64_t i = 0; i < in; ++i) s += x[i * voxels + v] * weight[o * in + i];
      y[o * voxels + v] = relu ? std::max(s, 0.0F) : s;
    }
}

GLIOCAST_CLONES
void pointwise_add_row(const float* skip, const float* weight, const float* bias, const float* low_even,
                       const float* low_odd, float* y, int64_t in, int64_t out, int64_t width, int64_t stride,
                       int64_t low_stride) {
  constexpr int64_t kRows = 8;
  const Vector zero{};
  for (int64_t o = 0; o < out; o += kRows) {
    const int64_t rows = std::min(kRows, out - o);
    int64_t w = 0;
    if (rows == kRows)
      for (; w + kLane <= width; w += kLane) {
        Vector sum[kRows];
        for (int64_t r = 0; r < kRows; ++r)
          for (int64_t k = 0; k < kLane; k += 2) {
            sum[r][k] = low_even[(o + r) * low_stride + (w + k) / 2] + bias[o + r];
            sum[r][k + 1] = low_odd[(o + r) * low_stride + (w + k) / 2] + bias[o + r];
          }
        for (int64_t i = 0; i < in; ++i) {
          Vector value;
          load(value, skip + i * stride + w);
          for (int64_t r = 0; r < kRows; ++r) sum[r] += value * weight[(o + r) * in + i];
        }
        for (int64_t r = 0; r < kRows; ++r) store(y + (o + r) * stride + w, sum[r] > zero ? sum[r] : zero);
      }
    for (; w < width; ++w)
      for (int64_t r = 0; r < rows; ++r) {
        float s = (w & 1 ? low_odd : low_even)[(o + r) * low_stride + w / 2] + bias[o + r];
        for (int64_t i = 0; i < in; ++i) s += skip[i * stride + w] * weight[(o + r) * in + i];
        y[(o + r) * stride + w] = std::max(s, 0.0F);
      }
  }
}

GLIOCAST_CLONES
void max_pool2(const float* x, float* y, int64_t depth, int64_t height, int64_t width) {
  for (int64_t d = 0; d < depth / 2; ++d)
    for (int64_t h = 0; h < height / 2; ++h) {
      const float* r0 = x + (2 * d * height + 2 * h) * width;
      const float* r1 = r0 + width;
      const float* r2 = r0 + height * width;
      const float* r3 = r2 + width;
      float* out = y + (d * (height / 2) + h) * (width / 2);
      for (int64_t w = 0; w < width / 2; ++w) {
        const float a = std::max(std::max(r0[2 * w], r0[2 * w + 1]), std::max(r1[2 * w], r1[2 * w + 1]));
        const float b = std::max(std::max(r2[2 * w], r2[2 * w + 1]), std::max(r3[2 * w], r3[2 * w + 1]));
        out[w] = std::max(a, b);
      }
    }
}

GLIOCAST_CLONES
double mean_of(const float* x, int64_t n) {
  constexpr int64_t kBlock = 4096;
  double total = 0;
  for (int64_t start = 0; start < n; start += kBlock) {
    const int64_t end = std::min(n, start + kBlock);
    Vector sum{};
    int64_t i = start;
    for (; i + kLane <= end; i += kLane) {
      Vector value;
      load(value, x + i);
      sum += value;
    }
    double part = 0;
    for (int64_t k = 0; k < kLane; ++k) part += static_cast<double>(sum[k]);
    for (; i < end; ++i) part += static_cast<double>(x[i]);
    total += part;
  }
  return total / static_cast<double>(n);
}

}  // namespace gliocast::nn
