#pragma once
#include <cstdint>

namespace gliocast::nn {

/// The U-Net's full-resolution level on CPUs with AVX-512: channels innermost ([D][H][W][L], L = 8 or 16), so that one
/// vector register holds a voxel. oneDNN would reorder these largest tensors before and after each of its calls. Padded
/// tensors have one voxel of zeros on each side: [D+2][H+2][W+2][L]. All functions do the planes d in [begin, end), so
/// that threads share the work; results do not depend on how it is shared.
inline constexpr int64_t kMostLowChannels = 512;  ///< of the level below
[[nodiscard]] bool blocked_level_available(int64_t channels, int64_t low_channels) noexcept;

struct LevelSize {
  int64_t d, h, w;
};

/// First 1×1×1 convolution with ReLU: x plain [in][D][H][W] → padded. weight [in][L], bias [L].
template <int L>
void blocked_expand(const float* x, int64_t in, const float* weight, const float* bias, float* padded, LevelSize size,
                    int64_t begin, int64_t end);

/// 3×3×3 convolution: padded → z [D][H][W][L]. weight [27][L in][L out], bias [L]. row_sums [D·H][L] gets each row's
/// sum over w, for the SE squeeze.
template <int L>
void blocked_conv(const float* padded, const float* weight, const float* bias, float* z, float* row_sums,
                  LevelSize size, int64_t begin, int64_t end);

/// 2×2×2 max-pooling into plain layout: z → y [L][D/2][H/2][W/2]; planes of y.
template <int L>
void blocked_pool(const float* z, float* y, LevelSize size, int64_t begin, int64_t end);

/// The decoder's first step: relu(bias + up(low) + weight · skip) → padded. low plain [in][D/2][H/2][W/2]; up
/// [in][8][L], position k = 4·(z&1) + 2·(y&1) + (x&1); skip z [D][H][W][L], weight [L in][L out]. Planes of low: begin,
/// end count pairs of planes.
template <int L>
void blocked_decode(const float* low, int64_t in, const float* up, const float* skip, const float* weight,
                    const float* bias, float* padded, LevelSize size, int64_t begin, int64_t end);

/// Last 1×1×1 convolution: z → y plain [classes][D][H][W]. weight [classes][L], bias [classes].
template <int L>
void blocked_head(const float* z, int64_t classes, const float* weight, const float* bias, float* y, LevelSize size,
                  int64_t begin, int64_t end);

}  // namespace gliocast::nn
