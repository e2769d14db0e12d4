#pragma once
#include <gliocast/core/sequence.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace gliocast::findings {

/// What one patient's grade is stated from: the logit of networks and draws of its calibration, or the probability of a
/// fused model and its refits.
struct GradeEvidence {
  std::optional<double> logit{};        ///< log odds of high grade, not calibrated
  std::optional<double> probability{};  ///< of a fused model; without it and without a logit no tumour was found
  std::vector<double>
      probabilities{};  ///< of high grade, one a bootstrap draw of the calibration, or a refit; empty: none is there
  std::size_t calibration_patients = 0;
  double thickest_slice_mm = 0;  ///< of any sequence
  double thick_slice_mm = 0;     ///< thicker slices than these carry no grade
};

/// What a feature adds to a probability: its Shapley value.
struct Contribution {
  std::string feature{};    ///< its column
  std::size_t network = 0;  ///< of a deep feature: the number of its network, from 1; 0: no deep feature
  double value = 0;         ///< of the feature
  double adds = 0;          ///< to the probability

  friend bool operator==(const Contribution&, const Contribution&) = default;
};

/// Why a fused model gives a probability: base and contributions add up to it.
struct Explanation {
  double base = 0;  ///< mean probability of the background
  std::vector<Contribution> contributions{};

  friend bool operator==(const Explanation&, const Explanation&) = default;
};

/// How a fused model came to its numbers; 0 members: it is none.
struct Fusion {
  std::size_t members = 0, refits = 0;
  Sequence sequence = Sequence::T1Gd;  ///< of the radiomics

  friend bool operator==(const Fusion&, const Fusion&) = default;
};

/// A grade that speaks for low or for high.
struct GradeEstimate {
  double probability = 0;         ///< of high grade (WHO IV), calibrated: the median of the draws, or a fused model's
  double low = 0, high = 0;       ///< 2.5 and 97.5 % quantiles of draws or refits, drawn out to the probability
  std::optional<double> logit{};  ///< as the networks give it, not calibrated; nothing of a fused model
  std::size_t calibration_patients = 0;
  Fusion fusion{};
  std::optional<Explanation> explanation{};  ///< of a fused model
  std::string told_basis{};                  ///< the basis in words, where it was read from a file

  friend bool operator==(const GradeEstimate&, const GradeEstimate&) = default;
};

/// No grade, and why: not one number stands beside a refusal.
struct NoReliableGrade {
  enum class Reason : std::uint8_t {
    NoTumour,
    NoCalibration,
    NoRefits,
    ThickSlices,
    IntervalHoldsHalf,
    SequenceMissing,   ///< `sequence`, whose radiomics a fused model needs
    SequenceEnds,      ///< `sequence` does not show the whole tumour
    FeatureUndefined,  ///< `told`: which
    Told
  };
  Reason reason = Reason::NoTumour;
  double slice_mm = 0;  ///< with ThickSlices
  std::optional<Sequence> sequence{};
  std::string told{};  ///< with Told: the reason in words, read from a file

  friend bool operator==(const NoReliableGrade&, const NoReliableGrade&) = default;
};

using Grade = std::variant<NoReliableGrade, GradeEstimate>;

/// The grade where the probability (of draws: their median) and their 2.5 and 97.5 % quantiles say low or high grade;
/// else the refusal: no tumour, no calibration or refits, thick slices, an interval that holds 0.5.
[[nodiscard]] Grade estimate_grade(const GradeEvidence& evidence);

}  // namespace gliocast::findings
