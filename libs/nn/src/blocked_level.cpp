#include "blocked_level.hpp"

#include <algorithm>
#include <cstring>

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define GLIOCAST_AVX512 __attribute__((target("arch=x86-64-v4")))
#else
#define GLIOCAST_AVX512
#endif

namespace gliocast::nn {
namespace {

template <int L>
struct Lanes {
  typedef float Vector __attribute__((vector_size(L * sizeof(float))));
};
template <int L>
using Vec = typename Lanes<L>::Vector;

template <typename V>
__attribute__((always_inline)) inline void load(V& v, const float* p) {
  std::memcpy(&v, p, sizeof v);
}
template <typename V>
__attribute__((always_inline)) inline void store(float* p, const V& v) {
  std::memcpy(p, &v, sizeof v);
}

// The attribute must stand on a function's first declaration: these do the work, the exported templates below only call
// them.

/// T neighbouring outputs of one row: T accumulators in registers, each weight vector loaded once for all of them.
template <int L, int T>
GLIOCAST_AVX512 inline void conv_tile(const float* corner, const float* weight, const float* bias, float* out,
                                      Vec<L>& row_sum, int64_t row_stride, int64_t plane_stride) {
  Vec<L> sum[T];
  for (int t = 0; t < T; ++t) load(sum[t], bias);
  for (int kd = 0; kd < 3; ++kd)
    for (int kh = 0; kh < 3; ++kh) {
      const float* row = corner + kd * plane_stride + kh * row_stride;
      const float* w = weight + (kd * 3 + kh) * 3 * L * L;
      for (int kw = 0; kw < 3; ++kw)
        for (int i = 0; i < L; ++i) {
          Vec<L> v;
          load(v, w + (kw * L + i) * L);
          const float* x = row + kw * L + i;
          for (int t = 0; t < T; ++t) sum[t] += v * x[t * L];
        }
    }
  for (int t = 0; t < T; ++t) {
    store(out + t * L, sum[t]);
    row_sum += sum[t];
  }
}

template <int L>
GLIOCAST_AVX512 void avx512_expand(const float* x, int64_t in, const float* weight, const float* bias, float* padded,
                                   LevelSize s, int64_t begin, int64_t end) {
  const int64_t voxels = s.d * s.h * s.w;
  Vec<L> zero{}, b;
  load(b, bias);
  for (int64_t d = begin; d < end; ++d)
    for (int64_t h = 0; h < s.h; ++h) {
      const float* source = x + (d * s.h + h) * s.w;
      float* target = padded + (((d + 1) * (s.h + 2) + h + 1) * (s.w + 2) + 1) * L;
      for (int64_t w = 0; w < s.w; ++w) {
        Vec<L> sum = b;
        for (int64_t i = 0; i < in; ++i) {
          Vec<L> v;
          load(v, weight + i * L);
          sum += v * source[i * voxels + w];
        }
        store(target + w * L, sum > zero ? sum : zero);
      }
    }
}

template <int L>
GLIOCAST_AVX512 void avx512_conv(const float* padded, const float* weight, const float* bias, float* z, float* row_sums,
                                 LevelSize s, int64_t begin, int64_t end) {
  constexpr int kTile = 16;
  const int64_t row_stride = (s.w + 2) * L, plane_stride = (s.h + 2) * row_stride;
  for (int64_t d = begin; d < end; ++d)
    for (int64_t h = 0; h < s.h; ++h) {
      const float* corner = padded + d * plane_stride + h * row_stride;
      float* out = z + (d * s.h + h) * s.w * L;
      Vec<L> sum{};
      int64_t w = 0;
      for (; w + kTile <= s.w; w += kTile)
        conv_tile<L, kTile>(corner + w * L, weight, bias, out + w * L, sum, row_stride, plane_stride);
      for (; w + 4 <= s.w; w += 4)
        conv_tile<L, 4>(corner + w * L, weight, bias, out + w * L, sum, row_stride, plane_stride);
      for (; w < s.w; ++w) conv_tile<L, 1>(corner + w * L, weight, bias, out + w * L, sum, row_stride, plane_stride);
      store(row_sums + (d * s.h + h) * L, sum);
    }
}

template <int L>
GLIOCAST_AVX512 void avx512_pool(const float* z, float* y, LevelSize s, int64_t begin, int64_t end) {
  const int64_t row = s.w * L, plane = s.h * row, hh = s.h / 2, ww = s.w / 2, voxels = (s.d / 2) * hh * ww;
  for (int64_t d = begin; d < end; ++d)
    for (int64_t h = 0; h < hh; ++h)
      for (int64_t w = 0; w < ww; ++w) {
        const float* p = z + 2 * d * plane + 2 * h * row + 2 * w * L;
        Vec<L> best, v;
        load(best, p);
        for (const int64_t offset : {int64_t{L}, row, row + L, plane, plane + L, plane + row, plane + row + L}) {
          load(v, p + offset);
          best = v > best ? v : best;
        }
        float lane[L];
        store(lane, best);
        for (int c = 0; c < L; ++c) y[c * voxels + (d * hh + h) * ww + w] = lane[c];
      }
}

template <int L>
GLIOCAST_AVX512 void avx512_decode(const float* low, int64_t in, const float* up, const float* skip,
                                   const float* weight, const float* bias, float* padded, LevelSize s, int64_t begin,
                                   int64_t end) {
  const int64_t hh = s.h / 2, ww = s.w / 2, low_voxels = (s.d / 2) * hh * ww;
  const int64_t row = s.w * L, plane = s.h * row, padded_row = (s.w + 2) * L, padded_plane = (s.h + 2) * padded_row;
  constexpr int64_t kTile = 16;
  float tile[kMostLowChannels * kTile];
  Vec<L> zero{}, b;
  load(b, bias);
  for (int64_t d = begin; d < end; ++d)
    for (int64_t h = 0; h < hh; ++h)
      for (int64_t w = 0; w < ww; ++w) {
        // The channels of `low` are a multiple of 4 KiB apart as often as not, and would evict each other from the
        // cache: sixteen voxels of each are copied at a time.
        if (w % kTile == 0)
          for (int64_t i = 0; i < in; ++i)
            std::memcpy(tile + i * kTile, low + i * low_voxels + (d * hh + h) * ww + w,
                        sizeof(float) * static_cast<std::size_t>(std::min(kTile, ww - w)));
        const float* x = tile + w % kTile;
        // Eight accumulators, one a voxel of the 2×2×2 block; the loops over k must unroll completely to keep them in
        // registers.
        Vec<L> sum[8];
#pragma GCC unroll 8
        for (int k = 0; k < 8; ++k) sum[k] = b;
        for (int64_t i = 0; i < in; ++i) {
          const float value = x[i * kTile];
          const float* u = up + i * 8 * L;
#pragma GCC unroll 8
          for (int k = 0; k < 8; ++k) {
            Vec<L> v;
            load(v, u + k * L);
            sum[k] += v * value;
          }
        }
        const float* from = skip + 2 * d * plane + 2 * h * row + 2 * w * L;
        const float* corner[4] = {from, from + row, from + plane, from + plane + row};
        for (int i = 0; i < L; ++i) {
          Vec<L> v;
          load(v, weight + i * L);
#pragma GCC unroll 8
          for (int k = 0; k < 8; ++k) sum[k] += v * corner[k >> 1][(k & 1) * L + i];
        }
        float* to = padded + (2 * d + 1) * padded_plane + (2 * h + 1) * padded_row + (2 * w + 1) * L;
        float* target[4] = {to, to + padded_row, to + padded_plane, to + padded_plane + padded_row};
#pragma GCC unroll 8
        for (int k = 0; k < 8; ++k) store(target[k >> 1] + (k & 1) * L, sum[k] > zero ? sum[k] : zero);
      }
}

template <int L>
GLIOCAST_AVX512 void avx512_head(const float* z, int64_t classes, const float* weight, const float* bias, float* y,
                                 LevelSize s, int64_t begin, int64_t end) {
  const int64_t plane = s.h * s.w, voxels = s.d * plane;
  for (int64_t v = begin * plane; v < end * plane; ++v) {
    Vec<L> x;
    load(x, z + v * L);
    for (int64_t c = 0; c < classes; ++c) {
      Vec<L> w;
      load(w, weight + c * L);
      w *= x;
      Vec<L / 2> a, b;
      std::memcpy(&a, &w, sizeof a);
      std::memcpy(&b, reinterpret_cast<const char*>(&w) + sizeof a, sizeof b);
      a += b;
      float lane[L / 2], sum = bias[c];
      store(lane, a);
      for (int i = 0; i < L / 2; ++i) sum += lane[i];
      y[c * voxels + v] = sum;
    }
  }
}

}  // namespace

bool blocked_level_available(int64_t channels, int64_t low_channels) noexcept {
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
  return (channels == 8 || channels == 16) && low_channels <= kMostLowChannels && __builtin_cpu_supports("avx512f") &&
         __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
         __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512cd");
#else
  return channels < 0 && low_channels < 0;
#endif
}

template <int L>
void blocked_expand(const float* x, int64_t in, const float* weight, const float* bias, float* padded, LevelSize s,
                    int64_t begin, int64_t end) {
  avx512_expand<L>(x, in, weight, bias, padded, s, begin, end);
}

template <int L>
void blocked_conv(const float* padded, const float* weight, const float* bias, float* z, float* row_sums, LevelSize s,
                  int64_t begin, int64_t end) {
  avx512_conv<L>(padded, weight, bias, z, row_sums, s, begin, end);
}

template <int L>
void blocked_pool(const float* z, float* y, LevelSize s, int64_t begin, int64_t end) {
  avx512_pool<L>(z, y, s, begin, end);
}

template <int L>
void blocked_decode(const float* low, int64_t in, const float* up, const float* skip, const float* weight,
                    const float* bias, float* padded, LevelSize s, int64_t begin, int64_t end) {
  avx512_decode<L>(low, in, up, skip, weight, bias, padded, s, begin, end);
}

template <int L>
void blocked_head(const float* z, int64_t classes, const float* weight, const float* bias, float* y, LevelSize s,
                  int64_t begin, int64_t end) {
  avx512_head<L>(z, classes, weight, bias, y, s, begin, end);
}

#define GLIOCAST_INSTANTIATE(L)                                                                                  \
  template void blocked_expand<L>(const float*, int64_t, const float*, const float*, float*, LevelSize, int64_t, \
                                  int64_t);                                                                      \
  template void blocked_conv<L>(const float*, const float*, const float*, float*, float*, LevelSize, int64_t,    \
                                int64_t);                                                                        \
  template void blocked_pool<L>(const float*, float*, LevelSize, int64_t, int64_t);                              \
  template void blocked_decode<L>(const float*, int64_t, const float*, const float*, const float*, const float*, \
                                  float*, LevelSize, int64_t, int64_t);                                          \
  template void blocked_head<L>(const float*, int64_t, const float*, const float*, float*, LevelSize, int64_t, int64_t);
GLIOCAST_INSTANTIATE(8)
GLIOCAST_INSTANTIATE(16)
#undef GLIOCAST_INSTANTIATE

}  // namespace gliocast::nn
