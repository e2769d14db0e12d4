#pragma once
#include <gliocast/image/exam.hpp>

#include <map>
#include <string>
#include <vector>

namespace gliocast::preprocess {

inline constexpr double kThickSliceMm = 3.5;  ///< beyond it outlines and volumes are told to be less certain, and no grade is estimated

/// Quality figures of one sequence, on its own grid within the brain.
struct SequenceQuality {
  Vec3 spacing_mm{};
  Size3 size{};
  std::string orientation;              ///< e.g. "LPS"
  double coverage = 0;                  ///< part of the brain where the sequence has signal (non-zero)
  double median = 0, p01 = 0, p99 = 0;  ///< intensities in the brain
  double snr = 0;                       ///< median / noise; noise = robust sd of the second difference along x within the brain, divided by √6
  double clipped_fraction = 0;          ///< part of the brain's voxels at the largest value
  double cnr = 0;                       ///< difference of the means of the brain's two halves of signal (Otsu) / noise
  double ghost = 0;                     ///< with air around the head: largest mean signal of the air beside the head along one axis, above the air's corners, / median in the brain; NaN without air
  std::vector<std::string> warnings;    ///< plain words
};

struct Quality {
  std::map<Sequence, SequenceQuality> sequences;
  double brain_volume_cm3 = 0;
  std::vector<std::string> warnings;
};

/// `brains`: each sequence's mask on its own grid; `brain`: the one whose volume counts; `with_air`: the images are not stripped.
[[nodiscard]] Quality measure_quality(const image::Exam& exam, const std::map<Sequence, Mask>& brains, const Mask& brain, bool with_air);

}  // namespace gliocast::preprocess
