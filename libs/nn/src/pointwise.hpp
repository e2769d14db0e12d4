#pragma once
#include <cstdint>

namespace gliocast::nn {

/// One 1×1×1 convolution over `voxels` positions: y[o][v] = act(bias[o] + Σ_i weight[o][i] · x[i][v]). Rows of x and y
/// are `voxels` apart. `begin`, `end` bound the positions done by this call (so that threads share the work). relu:
/// negative results become 0.
void pointwise(const float* x, const float* weight, const float* bias, float* y, int64_t in, int64_t out,
               int64_t voxels, int64_t begin, int64_t end, bool relu);

/// The decoder's first step for one row of the higher resolution:
/// y[o][w] = relu(bias[o] + Σ_i weight[o][i] · skip[i][w] + low[o][w & 1][w / 2]).
/// `skip`, `y`: pointers to the row in channel 0, channels `stride` apart. `low_even`, `low_odd`: rows of the lower
/// resolution for even and odd w, channels `low_stride` apart.
void pointwise_add_row(const float* skip, const float* weight, const float* bias, const float* low_even,
                       const float* low_odd, float* y, int64_t in, int64_t out, int64_t width, int64_t stride,
                       int64_t low_stride);

/// 2×2×2 max-pooling of one channel [D][H][W], stride 2.
void max_pool2(const float* x, float* y, int64_t depth, int64_t height, int64_t width);

/// Mean of n floats, summed in double over fixed blocks.
double mean_of(const float* x, int64_t n);

}  // namespace gliocast::nn
