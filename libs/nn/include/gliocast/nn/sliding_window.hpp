#pragma once
#include <array>
#include <cstdint>
#include <vector>

namespace gliocast::nn {

struct SlidingWindowOptions {
  std::array<std::int64_t, 3> window_zyx{96, 112, 96};  ///< multiples of the network's 2^(depth−1)
  double overlap = 0.5;                                 ///< part of a window that neighbours share, in [0, 1)
};

/// Starts of the windows that cover `size` (each axis: 0, evenly spaced, size − window; a single 0 where the volume is
/// smaller). In z, y, x order.
[[nodiscard]] std::vector<std::array<std::int64_t, 3>> window_starts(const std::array<std::int64_t, 3>& size_zyx,
                                                                     const SlidingWindowOptions& options);

/// Weights of a window's voxels: a Gaussian around its centre with sigma = window/8 along each axis, at least 1e-3
/// (Isensee 2021). [z][y][x].
[[nodiscard]] std::vector<float> gaussian_weights(const std::array<std::int64_t, 3>& window_zyx);

}  // namespace gliocast::nn
