#pragma once
#include <gliocast/core/sequence.hpp>
#include <gliocast/core/volume.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace gliocast::findings {

inline constexpr double kEnhancementThreshold = 0.4;  ///< of white matter; fitted on simulated patients (VALIDATION.md)
inline constexpr double kEnhancementVolumeCm3 = 0.5;  ///< the verdict is yes from here on

/// Contrast enhancement of the tumour: where T1-Gd exceeds T1.
struct Enhancement {
  enum class Verdict : std::uint8_t { No, Yes, NotMeasurable };
  /// Why it was not measurable. Told: as `told` says.
  enum class Obstacle : std::uint8_t { None, SequenceMissing, NoTumour, TooLittleNormalBrain, NotShown, Told };

  Verdict verdict = Verdict::NotMeasurable;
  double volume_cm3 = 0;
  double fraction = 0;  ///< of the tumour (of the part that T1 and T1-Gd both show)
  double shown = 1;     ///< part of the tumour that T1 and T1-Gd both show
  Obstacle obstacle = Obstacle::None;
  std::optional<Sequence> missing{};  ///< with SequenceMissing
  std::string told{};                 ///< the measurement in words, where it was read from a file

  friend bool operator==(const Enhancement&, const Enhancement&) = default;
};

/// Volume of the tumour where T1-Gd exceeds T1 by kEnhancementThreshold, each divided by its median in the other
/// hemisphere's white matter, after smoothing over 3×3×3 voxels. White matter: the voxels of the hemisphere that holds
/// less of the tumour, outside it, between the 65th and the 95th percentile of T1 there. `intensities`: original units
/// on the working grid (LPS), bias field corrected for raw input.
[[nodiscard]] Enhancement measure_enhancement(const std::map<Sequence, Volume<float>>& intensities, const Mask& tumour,
                                              const Mask& brain);

}  // namespace gliocast::findings
