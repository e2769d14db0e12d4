#pragma once
#include <gliocast/core/json.hpp>
#include <gliocast/core/sequence.hpp>
#include <gliocast/core/volume.hpp>
#include <gliocast/preprocess/preprocess.hpp>

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace gliocast::pipeline {

/// The voxels of `region` (working grid) where all of `sequences` that the exam has show the brain.
[[nodiscard]] Mask seen_by(const preprocess::PreparedExam& exam, Mask region, const std::vector<Sequence>& sequences);

/// Share of the tumour to the left of the brain's middle (working grid: LPS, x grows to the left), and the side in
/// words: "left" above 0.7, "right" below 0.3, else "both sides".
struct Side {
  double left_fraction = 0;
  std::string name;
};
[[nodiscard]] Side tumour_side(const Mask& tumour, const Mask& brain);

/// Contrast enhancement: volume of the tumour where T1-Gd exceeds T1 by `kEnhancementThreshold`, each divided by its
/// median in the other hemisphere's white matter, after smoothing over 3×3×3 voxels. White matter: the voxels of the
/// hemisphere that holds less of the tumour, outside it, between the 65th and the 95th percentile of T1 there. "yes"
/// from kEnhancementVolumeCm3 on.
struct Enhancement {
  std::string verdict;  ///< "yes", "no" or "not measurable"
  double volume_cm3 = 0, fraction = 0;
  std::string measurement;  ///< a sentence with the numbers, or why there are none
};
inline constexpr double kEnhancementThreshold = 0.4;  ///< of white matter; fitted on simulated patients (VALIDATION.md)
inline constexpr double kEnhancementVolumeCm3 = 0.5;
/// `intensities`: original units on the working grid (LPS), bias field corrected for raw input.
[[nodiscard]] Enhancement measure_enhancement(const std::map<Sequence, Volume<float>>& intensities, const Mask& tumour,
                                              const Mask& brain);
/// The same for a patient, over what both T1 and T1-Gd show; how much of the tumour that is, is told where it is not
/// all.
[[nodiscard]] Enhancement measure_enhancement(const preprocess::PreparedExam& exam, const Mask& tumour);

}  // namespace gliocast::pipeline
