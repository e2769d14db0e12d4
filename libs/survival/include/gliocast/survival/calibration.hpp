#pragma once
#include <gliocast/stats/estimate.hpp>
#include <gliocast/survival/sample.hpp>

#include <cstddef>
#include <vector>

namespace gliocast::survival {

// How well predicted survival at one time agrees with what happened. `predicted`: P(T > t) of each row of the sample,
// in [0, 1].

struct CalibrationGroup {
  std::size_t n = 0, events = 0;
  double predicted = 0;  ///< mean
  /// Kaplan–Meier at the time with its log interval, the standard error that of log survival: 0 has neither. NaN where
  /// the group's follow-up ends before, nobody of the sample is followed so far, or with fewer than 2 rows.
  stats::Estimate observed;
};
/// Groups of about equal size by quantiles of the prediction, ascending; equal predictions stay together, so that there
/// may be fewer. As rms::groupkm(g =).
[[nodiscard]] std::vector<CalibrationGroup> grouped_calibration(const SurvivalSample& sample,
                                                                const std::vector<double>& predicted, double time,
                                                                std::size_t groups, double level = 0.95);

/// Observed against predicted as a smooth curve: Cox model of a restricted cubic spline of log(−log predicted). Source:
/// Austin, Harrell & van Klaveren 2020.
struct SmoothCalibration {
  std::vector<double> predicted, observed;  ///< 100 points between the 1st and 99th percentile of the prediction
  double ici = 0, e50 = 0, e90 = 0;         ///< mean, median, 90th percentile of |observed − predicted| over the rows
};
/// `knots`: of the spline. Throws Error{UnusableInput} with too few different predictions for a spline (fewer than 6
/// rows or 3 knots), or where nobody is followed so far.
[[nodiscard]] SmoothCalibration smooth_calibration(const SurvivalSample& sample, const std::vector<double>& predicted,
                                                   double time, std::size_t knots = 3);

/// The coefficient of the linear predictor as the one column of a Cox model: 1 where predictions are neither too wide
/// nor too narrow; NaN where it cannot be estimated. `strata`: of fits whose predictors are not on one scale,
/// `cluster`: rows of one subject, with the robust variance; empty: none. Source: van Houwelingen 2000.
struct CalibrationSlope {
  stats::Estimate estimate;
  stats::TestResult differs_from_one;
};
[[nodiscard]] CalibrationSlope calibration_slope(const SurvivalSample& sample,
                                                 const std::vector<double>& linear_predictor, double level = 0.95,
                                                 const std::vector<int>& strata = {},
                                                 const std::vector<int>& cluster = {});

}  // namespace gliocast::survival
