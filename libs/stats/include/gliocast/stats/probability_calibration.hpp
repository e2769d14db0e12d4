#pragma once
#include <gliocast/stats/estimate.hpp>

#include <cstddef>
#include <vector>

namespace gliocast::stats {

// How well probabilities agree with what happened. `probability`: of the positive class, in [0, 1]; `truth`: 1
// positive, 0 negative, one a probability. All throw Error{UnusableInput} where they are not as many or one is NaN.

/// The logistic recalibration model: logit P(positive) = intercept + slope · logit(probability), with normal
/// intervals. NaN where it has no maximum. Perfect: in_the_large 0, slope 1.
struct CalibrationLine {
  Estimate in_the_large;  ///< intercept where the slope is fixed at 1: below 0, probabilities are too high
  Estimate intercept, slope;
};
/// Probabilities are kept 1e-12 from 0 and 1. As R's glm(y ~ offset(lp)) and glm(y ~ lp). Throws Error{UnusableInput}
/// with one class only. Source: Cox 1958; Steyerberg et al. 2010.
[[nodiscard]] CalibrationLine calibration_line(const std::vector<double>& probability, const std::vector<int>& truth,
                                               double level = 0.95);

/// A share with Wilson's interval, as R's prop.test(correct = FALSE). NaN of nothing. Source: Wilson 1927.
[[nodiscard]] Estimate share_estimate(std::size_t part, std::size_t whole, double level = 0.95);

struct ProbabilityGroup {
  std::size_t n = 0, positives = 0;
  double predicted = 0;  ///< mean probability
  Estimate observed;     ///< share of positives with Wilson's interval, as R's prop.test(correct = FALSE)
};
/// Groups of about equal size by quantiles of the probability, ascending; equal probabilities stay together, so that
/// there may be fewer.
[[nodiscard]] std::vector<ProbabilityGroup> grouped_probabilities(const std::vector<double>& probability,
                                                                  const std::vector<int>& truth, std::size_t groups,
                                                                  double level = 0.95);

/// Share of positives against probability as a smooth curve: R's lowess(iter = 0), a row a point, ascending.
struct SmoothProbabilities {
  std::vector<double> predicted, observed;
  double ici = 0, e50 = 0, e90 = 0;  ///< mean, median, 90th percentile of |observed − predicted| over the rows
};
/// Source: Cleveland 1979; Austin & Steyerberg 2019 (ICI).
[[nodiscard]] SmoothProbabilities smooth_probabilities(const std::vector<double>& probability,
                                                       const std::vector<int>& truth);

}  // namespace gliocast::stats
