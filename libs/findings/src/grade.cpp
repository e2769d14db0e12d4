#include <gliocast/findings/grade.hpp>

#include <gliocast/core/quantile.hpp>

#include <algorithm>

namespace gliocast::findings {

Grade estimate_grade(const GradeEvidence& e) {
  using Reason = NoReliableGrade::Reason;
  const bool fused = e.probability.has_value();
  if (!e.logit && !fused) return NoReliableGrade{.reason = Reason::NoTumour, .told = {}};
  if (fused && e.probabilities.size() < 2) return NoReliableGrade{.reason = Reason::NoRefits, .told = {}};
  if (e.probabilities.empty()) return NoReliableGrade{.reason = Reason::NoCalibration, .told = {}};
  if (e.thickest_slice_mm > e.thick_slice_mm)
    return NoReliableGrade{.reason = Reason::ThickSlices, .slice_mm = e.thickest_slice_mm, .told = {}};
  auto sorted = e.probabilities;
  std::ranges::sort(sorted);
  const double probability = fused ? *e.probability : quantile_linear(sorted, 0.5);
  const double low = std::min(probability, quantile_linear(sorted, 0.025)),
               high = std::max(probability, quantile_linear(sorted, 0.975));
  if (!(low >= 0.5 || high <= 0.5)) return NoReliableGrade{.reason = Reason::IntervalHoldsHalf, .told = {}};
  return GradeEstimate{.probability = probability,
                       .low = low,
                       .high = high,
                       .logit = e.logit,
                       .calibration_patients = e.calibration_patients,
                       .fusion = {},
                       .told_basis = {}};
}

}  // namespace gliocast::findings
