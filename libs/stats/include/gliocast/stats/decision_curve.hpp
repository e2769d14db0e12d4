#pragma once
#include <vector>

namespace gliocast::stats {

/// Net benefit at each threshold of treating by the model, and of treating all; treating none has 0.
struct DecisionCurve {
  std::vector<double> threshold, model, all;
};

/// Net benefit of treating those whose probability reaches a threshold p in (0, 1): share of true positives − share of
/// false positives · p/(1 − p). `probability`: of the positive class; `truth`: 1 positive, 0 negative. Throws
/// Error{UnusableInput} on a threshold outside (0, 1). Source: Vickers & Elkin 2006.
[[nodiscard]] DecisionCurve decision_curve(const std::vector<double>& probability, const std::vector<int>& truth,
                                           const std::vector<double>& thresholds);

}  // namespace gliocast::stats
