#pragma once
#include <gliocast/stats/decision_curve.hpp>
#include <gliocast/survival/sample.hpp>

#include <vector>

namespace gliocast::survival {

using stats::DecisionCurve;

/// Treated are those whose risk of the event by `time` reaches a threshold in (0, 1). `predicted`: P(T > time) of each
/// row. NaN where the follow-up of the treated ends before. Source: Vickers 2008 (Kaplan–Meier among the treated).
[[nodiscard]] DecisionCurve decision_curve(const SurvivalSample& sample, const std::vector<double>& predicted,
                                           double time, const std::vector<double>& thresholds);

}  // namespace gliocast::survival
