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
  bool in_plane = false;  ///< turned, scaled and stretched within axial slices alone
  double flip = 0.5;      ///< left–right
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
  double bias_probability = 0.3;  ///< per channel: smooth multiplicative field
  double bias = 0.2;              ///< its largest distance from 1
  double elastic_probability = 0;
  double elastic_voxels = 3;              ///< largest displacement along an axis, of control points 16 voxels apart
  double inversion_probability = 0;       ///< per channel: bright and dark change places
  double low_resolution_probability = 0;  ///< per channel: slices of 3 to 6.5 mm along a random axis
  double lesion_probability = 0;          ///< small lesions that are no tumour are painted into the brain
  double flair_dropout_probability = 0;   ///< the fourth channel is missing
  double dropout_probability = 0.2;       ///< one channel of those present is missing; never the last two
  std::int64_t most_dropped = 1;          ///< so many times a channel may be dropped

  /// Strong changes, for networks that must bear any scanner: what preset `real` trains with.
  [[nodiscard]] static AugmentationOptions strong();
  /// Small changes within the plane, and of intensities; all channels stay: for a network that reads one axial slice.
  [[nodiscard]] static AugmentationOptions slice();
};

/// A window of a case for one training step.
struct Sample {
  NetworkInput input;
  std::vector<std::uint8_t> label;  ///< as the case's, [z][y][x]
};

/// Cuts a window of `size_zyx` around `centre_xyz` (continuous voxel index) out of a case through a random map (affine,
/// elastic; trilinear, labels nearest), then changes intensities. With `options.enabled` false: the plain window.
/// `tissue` (of the case's voxels, see tissue_classes; may be empty): the image is painted anew from these classes. The
/// same `random` gives the same sample.
[[nodiscard]] Sample draw_sample(const TrainingCase& c, const std::array<double, 3>& centre_xyz,
                                 const std::array<std::int64_t, 3>& size_zyx, double step,
                                 const AugmentationOptions& options, Random& random,
                                 const std::vector<std::uint8_t>& tissue = {});

}  // namespace gliocast::nn
