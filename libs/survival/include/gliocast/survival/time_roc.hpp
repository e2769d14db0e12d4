#pragma once
#include <gliocast/survival/censoring_curve.hpp>
#include <gliocast/survival/influence.hpp>
#include <gliocast/survival/sample.hpp>

#include <cstddef>
#include <vector>

namespace gliocast::survival {

/// Cases have the event by a time, controls are followed beyond it.
struct TimeRoc {
  InfluenceEstimate auc;
  std::size_t cases = 0, controls = 0;
  std::vector<double> threshold, sensitivity, specificity;  ///< thresholds descending, from infinity
};
/// Cumulative sensitivity and dynamic specificity of a score (higher = higher risk) at `time`, rows weighted by the
/// inverse chance of not being censored; the interval of the AUC within [0, 1]. No AUC without a case or control; no
/// error and limits with one of them. O(n log n). Source: Uno 2007; interval: Blanche 2013.
[[nodiscard]] TimeRoc time_dependent_roc(const SurvivalSample& sample, const CensoringCurve& censoring,
                                         const std::vector<double>& score, double time, double level = 0.95);

}  // namespace gliocast::survival
