#pragma once
#include "study_stages.hpp"

#include <cstddef>
#include <string>

namespace gliocast::study {

/// What a stage takes that has everything still to do.
struct StageCost {
  std::string amount{};  ///< "38 of 42 patients", "26 networks"; may be empty
  double seconds = 0;    ///< by the clock, on this run's threads
  double megabytes = 0;  ///< that it adds to the folder
};

/// From figures of docs/benchmarks.md: of another processor they are off by a factor of two and more, of raw images,
/// which are told from stripped ones only when they are read, too low. Patients examined before cost nothing.
[[nodiscard]] StageCost cost_of(const std::string& stage, const StudyContext& context);

/// Patients at a time: as many as threads, or as the options say, and as fit into the memory that they give, one at
/// least. Throws Error{WrongUse} where the memory holds none.
[[nodiscard]] std::size_t patients_at_a_time(const StudyOptions& options);

}  // namespace gliocast::study
