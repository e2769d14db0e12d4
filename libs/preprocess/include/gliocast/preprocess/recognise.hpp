#pragma once
#include <gliocast/image/exam.hpp>

#include <map>
#include <string>

namespace gliocast::preprocess {

inline constexpr double kStrippedZeros = 0.2;     ///< a stripped image has more exact zeros than this part
inline constexpr double kLargestBrainCm3 = 2300;  ///< more signal than this is no brain alone
inline constexpr double kSkullOnWays = 0.1;       ///< more ways inwards than this cross a skull: it is there

/// What has already been done to one sequence, and the evidence.
struct SequenceState {
  bool stripped = false;
  double zero_fraction = 0;  ///< exact zeros among the voxels
  double signal_cm3 = 0;     ///< largest piece of voxels that are not 0; measured where there are zeros enough
  double skull = 0;          ///< part of the ways from its surface inwards that cross a dark layer as bone is
  std::string reason;        ///< why it counts as stripped or not, after the sequence's name: "is 61 % zeros and …"
};

/// What has already been done to an exam, and the evidence.
struct Recognition {
  bool stripped = false;                        ///< every sequence looks like a brain without its skull
  bool aligned = false;                         ///< all sequences lie on one grid
  std::map<Sequence, SequenceState> sequences;  ///< each judged by itself
  std::string stripped_reason, aligned_reason;  ///< one sentence each, for the report
};

/// Zeros alone prove nothing (many scanners and every defacing tool leave the air at exactly 0): an image is stripped
/// where it has zeros, what is not 0 is no larger than a brain, and no skull lies below its surface.
[[nodiscard]] Recognition recognise(const image::Exam& exam);

}  // namespace gliocast::preprocess
