#pragma once
#include <gliocast/core/volume.hpp>

namespace gliocast::preprocess {

struct BrainStatistics {
  double mean = 0, sd = 0;  ///< sd with n − 1
  std::size_t voxels = 0;
};

/// Mean and standard deviation over the brain's voxels, summed in double; zeros where it has fewer than two.
[[nodiscard]] BrainStatistics brain_statistics(const Volume<float>& image, const Mask& brain);

/// (x − mean) / sd over the brain, 0 outside. Throws Error{UnusableInput} where the brain is empty or of one value.
[[nodiscard]] Volume<float> zscore(const Volume<float>& image, const Mask& brain);

}  // namespace gliocast::preprocess
