#pragma once
#include <gliocast/survival/sample.hpp>

#include <vector>

namespace gliocast::survival {

/// Net benefit of treating those whose risk of the event by `time` reaches a threshold. Source: Vickers 2008
/// (Kaplan–Meier among the treated).
struct DecisionCurve {
  std::vector<double> threshold, model, all;  ///< treating none has 0
};
[[nodiscard]] DecisionCurve decision_curve(const SurvivalSample& sample, const std::vector<double>& predicted,
                                           double time, const std::vector<double>& thresholds);

}  // namespace gliocast::survival
