#pragma once
#include <gliocast/survival/censoring_curve.hpp>
#include <gliocast/survival/influence.hpp>
#include <gliocast/survival/sample.hpp>

#include <vector>

namespace gliocast::survival {

// `predicted`: P(T > t) of each row of the sample, in [0, 1].

/// Brier score at `time`, rows weighted by the inverse chance of not being censored; its interval within [0, 1]. NaN
/// where nobody is followed so far. Source: Graf 1999; interval: Gerds & Kattan 2021 (R's riskRegression::Score).
[[nodiscard]] InfluenceEstimate brier_score(const SurvivalSample& sample, const CensoringCurve& censoring,
                                            const std::vector<double>& predicted, double time, double level = 0.95);

/// The Brier score of predicting everybody the Kaplan–Meier estimate; NaN where nobody is followed so far.
[[nodiscard]] double brier_score_of_kaplan_meier(const SurvivalSample& sample, const CensoringCurve& censoring,
                                                 double time);
/// Mean Brier score over a fine grid of times from 0 to `last` (trapezoids). `predicted_at`: P(T > t) of each row at
/// each time of integrated_brier_grid(last), [time][row].
[[nodiscard]] InfluenceEstimate integrated_brier_score(const SurvivalSample& sample, const CensoringCurve& censoring,
                                                       const std::vector<std::vector<double>>& predicted_at,
                                                       double last, double level = 0.95);
/// The times of that grid, ascending, both ends with them.
[[nodiscard]] std::vector<double> integrated_brier_grid(double last);

}  // namespace gliocast::survival
