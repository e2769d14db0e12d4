#pragma once
#include <gliocast/core/random.hpp>
#include <gliocast/nn/training_case.hpp>

#include <array>
#include <cstdint>
#include <vector>

namespace gliocast::nn {

/// Random changes of a training sample. Probabilities are per sample, or per channel where said.
struct AugmentationOptions {
  bool enabled = true;
  double flip = 0.5;  ///< left–right
  double rotation_probability = 0.7;
  double rotation_degrees = 15;  ///< each axis, uniform within ±
  double scale_probability = 0.7;
  double scale_low = 0.85, scale_high = 1.2;
  double anisotropy = 0.08;        ///< scale of each axis varies by this on top
  double gain_probability = 0.6;   ///< per channel
  double gain = 0.25;              ///< factor within 1 ± gain
  double shift = 0.3;              ///< z-score units, within ±
  double gamma_probability = 0.3;  ///< per channel: contrast curve with exponent in 0.7 … 1.5
  double noise_probability = 0.3;
  double noise_sd = 0.15;  ///< largest standard deviation, z-score units
  double blur_probability =
      0.2;  ///< per channel: 1-2-1 smoothing along a random axis, once to three times (thick slices)
  double bias_probability = 0.3;     ///< per channel: smooth multiplicative field of up to ± 20 %
  double dropout_probability = 0.2;  ///< one channel of those present is missing; never the last two
};

/// A window of a case for one training step.
struct Sample {
  NetworkInput input;
  std::vector<float> target;  ///< tumour 0/1, [z][y][x]
};

/// Cuts a window of `size_zyx` around `centre_xyz` (continuous voxel index) out of a case through a random affine map
/// (trilinear; labels nearest), then changes intensities. With `options.enabled` false: the plain window. The same
/// `random` gives the same sample.
[[nodiscard]] Sample draw_sample(const TrainingCase& c, const std::array<double, 3>& centre_xyz,
                                 const std::array<std::int64_t, 3>& size_zyx, double step, TumourTarget target,
                                 const AugmentationOptions& options, Random& random);

}  // namespace gliocast::nn
