#pragma once
#include <gliocast/survival/censoring_curve.hpp>
#include <gliocast/survival/influence.hpp>
#include <gliocast/survival/sample.hpp>

#include <cstddef>
#include <vector>

namespace gliocast::survival {

/// Cumulative sensitivity and dynamic specificity of a score (higher = higher risk) at `time`, weighted as above.
/// Source: Uno 2007; interval: Blanche 2013. No AUC without a case or control; no error and limits with one of them.
struct TimeRoc {
  InfluenceEstimate auc;
  std::size_t cases = 0, controls = 0;
  std::vector<double> threshold, sensitivity, specificity;  ///< thresholds descending, from infinity
};
[[nodiscard]] TimeRoc time_dependent_roc(const SurvivalSample& sample, const CensoringCurve& censoring,
                                         const std::vector<double>& score, double time, double level = 0.95);

}  // namespace gliocast::survival
