#pragma once
#include <gliocast/core/json.hpp>
#include <gliocast/dicom/series.hpp>
#include <gliocast/image/exam.hpp>

#include <cstddef>
#include <map>
#include <optional>
#include <vector>

namespace gliocast::pipeline {

/// What one patient's grade is stated from.
struct GradeEvidence {
  std::optional<double> logit;        ///< log odds of high grade, not calibrated; absent where no tumour was found
  std::vector<double> probabilities;  ///< of high grade, one a bootstrap draw of the calibration; empty: none is there
  std::size_t calibration_patients = 0;
  double thickest_slice_mm = 0;  ///< see thickest_slice_mm
};

/// `grade` of prediction.json: status, probability, interval, logit, basis, supposes, reason. "estimated" with all of
/// them but a reason where the median of the draws and their 2.5 and 97.5 % quantiles say low or high grade. Else "no
/// reliable estimate" with its reason, and not one number of a grade: no tumour, no calibration, slices thicker than
/// preprocess::kThickSliceMm, an interval that holds 0.5.
[[nodiscard]] Json describe_grade(const GradeEvidence& evidence);

/// The thickest slices of an exam as its files say: the largest voxel spacing of any sequence and, of DICOM, the
/// nominal slice thickness (slices may overlap). What was resampled to thin slices before cannot be told.
[[nodiscard]] double thickest_slice_mm(const image::Exam& exam,
                                       const std::map<Sequence, dicom::Acquisition>& acquisition);

}  // namespace gliocast::pipeline
