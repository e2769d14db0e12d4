#pragma once
#include <gliocast/image/exam.hpp>

#include <map>
#include <string>

namespace gliocast::preprocess {

inline constexpr double kStrippedZeros = 0.5;  ///< more exact zeros than this part of the voxels: stripped

/// What has already been done to an exam, and the evidence.
struct Recognition {
  bool stripped = false;                        ///< every sequence has more than half exact zeros
  bool aligned = false;                         ///< all sequences lie on one grid
  std::map<Sequence, double> zero_fraction;     ///< exact zeros among the voxels
  std::string stripped_reason, aligned_reason;  ///< one sentence each, for the report
};

[[nodiscard]] Recognition recognise(const image::Exam& exam);

}  // namespace gliocast::preprocess
