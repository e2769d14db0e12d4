#pragma once
#include <gliocast/image/exam.hpp>

#include <map>
#include <string>
#include <vector>

namespace gliocast::preprocess {

inline constexpr double kThickSliceMm =
    3.5;  ///< beyond it outlines and volumes are told to be less certain, and no grade is estimated

/// Quality figures of one sequence, on its own grid within the brain.
struct SequenceQuality {
  Vec3 spacing_mm{};
  Size3 size{};
  std::string orientation;  ///< e.g. "LPS"
  double coverage = 0;      ///< part of the whole brain that lies within its field of view and has signal there
  double median = 0, p01 = 0, p99 = 0;  ///< intensities in the brain
  double snr =
      0;  ///< median / noise; noise = robust sd of the second difference along x within the brain, divided by √6
  double clipped_fraction = 0;  ///< part of the brain's voxels at the largest value
  double cnr = 0;               ///< difference of the means of the brain's two halves of signal (Otsu) / noise
  double ghost = 0;  ///< with air around the head: largest mean signal of the air beside the head along one axis, above
                     ///< the air's corners, / median in the brain; NaN without air
  std::vector<std::string> warnings;  ///< plain words
};

struct Quality {
  std::map<Sequence, SequenceQuality> sequences;
  double brain_volume_cm3 = 0;  ///< of what was imaged
  double brain_covered = 1;     ///< part of the whole brain, as the atlas expects it, that was imaged; NaN: unknown
  std::vector<std::string> warnings;
};

/// Where the volume of a whole brain is unusual, and where nobody's brain has it.
inline constexpr double kSmallBrainCm3 = 900, kLargeBrainCm3 = 2000;

struct QualityInput {
  std::map<Sequence, Mask> brains;      ///< each sequence's mask on its own grid
  std::map<Sequence, double> coverage;  ///< see SequenceQuality::coverage
  double brain_covered = 1;
  bool with_air = false;  ///< the images are not stripped
};

/// Measures each sequence within its brain and puts warnings into words. `brain`: the mask whose volume counts.
[[nodiscard]] Quality measure_quality(const image::Exam& exam, const Mask& brain, const QualityInput& input);

}  // namespace gliocast::preprocess
