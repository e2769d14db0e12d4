#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace gliocast::findings {

/// What one patient's grade is stated from.
struct GradeEvidence {
  std::optional<double> logit{};  ///< log odds of high grade, not calibrated; absent where no tumour was found
  std::vector<double>
      probabilities{};  ///< of high grade, one a bootstrap draw of the calibration; empty: none is there
  std::size_t calibration_patients = 0;
  double thickest_slice_mm = 0;  ///< of any sequence
  double thick_slice_mm = 0;     ///< thicker slices than these carry no grade
};

/// A grade that speaks for low or for high.
struct GradeEstimate {
  double probability = 0;    ///< of high grade (WHO IV), calibrated: the median of the draws
  double low = 0, high = 0;  ///< their 2.5 and 97.5 % quantiles
  double logit = 0;          ///< as the networks give it, not calibrated
  std::size_t calibration_patients = 0;
  std::string told_basis{};  ///< the basis in words, where it was read from a file

  friend bool operator==(const GradeEstimate&, const GradeEstimate&) = default;
};

/// No grade, and why: not one number stands beside a refusal.
struct NoReliableGrade {
  enum class Reason : std::uint8_t { NoTumour, NoCalibration, ThickSlices, IntervalHoldsHalf, Told };
  Reason reason = Reason::NoTumour;
  double slice_mm = 0;  ///< with ThickSlices
  std::string told{};   ///< with Told: the reason in words, read from a file

  friend bool operator==(const NoReliableGrade&, const NoReliableGrade&) = default;
};

using Grade = std::variant<NoReliableGrade, GradeEstimate>;

/// The grade where the median of the draws and their 2.5 and 97.5 % quantiles say low or high grade; else the refusal:
/// no tumour, no calibration, thick slices, an interval that holds 0.5.
[[nodiscard]] Grade estimate_grade(const GradeEvidence& evidence);

}  // namespace gliocast::findings
