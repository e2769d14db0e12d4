#pragma once
#include <gliocast/image/exam.hpp>

#include <map>
#include <string>
#include <vector>

namespace gliocast::preprocess {

/// Quality figures of one sequence, on its own grid within the brain.
struct SequenceQuality {
  Vec3 spacing_mm{};
  Size3 size{};
  std::string orientation;          ///< e.g. "LPS"
  double coverage = 0;              ///< part of the brain where the sequence has signal (non-zero)
  double median = 0, p01 = 0, p99 = 0;  ///< intensities in the brain
  double snr = 0;                   ///< median / noise; noise = robust sd of the second difference along x within the brain, divided by √6
  double clipped_fraction = 0;      ///< part of the brain's voxels at the largest value
  std::vector<std::string> warnings;  ///< plain words
};

struct Quality {
  std::map<Sequence, SequenceQuality> sequences;
  double brain_volume_cm3 = 0;
  std::vector<std::string> warnings;
};

/// `brain` lies on `reference_grid`; sequences on other grids are judged there after nearest-neighbour resampling of the mask.
[[nodiscard]] Quality measure_quality(const image::Exam& exam, const Mask& brain);

}  // namespace gliocast::preprocess
