#include <gliocast/pipeline/grade.hpp>

#include <gliocast/core/quantile.hpp>

#include <gliocast/preprocess/quality.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string>

namespace gliocast::pipeline {
namespace {

constexpr double kMostMm = 30;  ///< no slice of a head: a header that says more is wrong

/// No key of a grade's numbers may hold one beside a refusal.
Json refused(const std::string& reason) {
  return {{"status", "no reliable estimate"},
          {"probability", nullptr},
          {"interval", nullptr},
          {"logit", nullptr},
          {"basis", nullptr},
          {"supposes", nullptr},
          {"reason", reason}};
}

}  // namespace

Json describe_grade(const GradeEvidence& e) {
  if (!e.logit) return refused("no tumour was found");
  if (e.probabilities.empty()) return refused("the grading model carries no calibration");
  if (e.thickest_slice_mm > preprocess::kThickSliceMm) {
    char text[160];
    std::snprintf(text, sizeof text, "slices of %.1f mm; the grading network has learned from slices of 1 mm only",
                  e.thickest_slice_mm);
    return refused(text);
  }
  auto sorted = e.probabilities;
  std::ranges::sort(sorted);
  const double low = quantile_linear(sorted, 0.025), high = quantile_linear(sorted, 0.975);
  if (!(low >= 0.5 || high <= 0.5))
    return refused("the 95 % interval of the probability holds 50 %: it speaks for neither low nor high grade");
  return {{"status", "estimated"},
          {"probability", quantile_linear(sorted, 0.5)},
          {"interval", {low, high}},
          {"logit", *e.logit},
          {"basis", "Calibrated on " + std::to_string(e.calibration_patients) +
                        " cross-validated patients; the interval is their bootstrap's and holds no other source of "
                        "error. Not clinically validated."},
          {"supposes",
           "The grade supposes a glioma confirmed by other means: in a brain without one a tumour may be outlined and "
           "a grade be stated all the same."},
          {"reason", nullptr}};
}

double thickest_slice_mm(const image::Exam& exam, const std::map<Sequence, dicom::Acquisition>& acquisition) {
  double thickest = 0;
  for (const auto& [s, volume] : exam.sequences)
    thickest = std::max(thickest, std::ranges::max(volume.geometry.spacing_mm));
  for (const auto& [s, a] : acquisition)
    if (std::isfinite(a.slice_thickness_mm) && a.slice_thickness_mm <= kMostMm)
      thickest = std::max(thickest, a.slice_thickness_mm);
  return thickest;
}

}  // namespace gliocast::pipeline
