#pragma once
#include <vector>

namespace gliocast::stats {

/// P(positive | score) = 1 / (1 + exp(−(intercept + slope · score))).
struct LogisticCalibration {
  double intercept = 0, slope = 0;
  [[nodiscard]] double probability(double score) const noexcept;
};

/// Platt's calibration: maximum likelihood with his smoothed targets (N+ + 1)/(N+ + 2) and 1/(N− + 2), by Newton's
/// method; the smoothing keeps separated scores finite. Source: Platt 1999; Lin, Lin & Weng 2007. With one class only
/// the slope is 0.
[[nodiscard]] LogisticCalibration fit_logistic_calibration(const std::vector<double>& scores,
                                                           const std::vector<int>& truth);

}  // namespace gliocast::stats
