#pragma once
#include <gliocast/core/random.hpp>
#include <gliocast/nn/augmentation.hpp>

#include <array>
#include <cstdint>

namespace gliocast::nn {

/// 1-2-1 smoothing of an image [z][y][x] along one axis (0 = z), `times` times.
void blur(float* image, const std::array<std::int64_t, 3>& size, int axis, int times);

/// What scanners do to one channel of a sample, at random: thick slices, blur, bias field, contrast, gain, noise.
/// Voxels of 0 (outside the brain) stay so, but for what slices and blur smear over the edge.
void change_channel(float* image, const std::array<std::int64_t, 3>& size, double spacing_mm,
                    const AugmentationOptions& options, Random& random);

}  // namespace gliocast::nn
