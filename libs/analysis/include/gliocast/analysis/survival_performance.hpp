#pragma once
#include <gliocast/analysis/output.hpp>
#include <gliocast/analysis/survival_model.hpp>
#include <gliocast/stats/data_frame.hpp>
#include <gliocast/stats/resampling.hpp>
#include <gliocast/survival/survival_frame.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace gliocast::analysis {

// How good predictions of survival are. All throw as judge_model() does.

struct CalibrationOptions {
  survival::OutcomeColumns outcome;
  JudgedModel judged;
  std::vector<double> times;
  std::size_t groups = 5;  ///< by quantiles of the prediction
  std::size_t knots = 3;   ///< of the smooth curve's spline
  double level = 0.95;
};
/// Observed against predicted survival at given times: Kaplan–Meier of groups, smooth curve, Brier scores, a figure.
[[nodiscard]] AnalysisOutput calibrate(const stats::DataFrame& table, const CalibrationOptions& options);

struct TimeRocOptions {
  survival::OutcomeColumns outcome;
  std::vector<std::string> scores;  ///< columns, higher = higher risk; none: the linear predictor of `judged`
  JudgedModel judged;
  std::vector<double> times;
  double level = 0.95;
};
/// Time-dependent ROC curves and AUC of scores or of a model; scores are compared with the first.
[[nodiscard]] AnalysisOutput time_roc(const stats::DataFrame& table, const TimeRocOptions& options);

struct DecisionOptions {
  survival::OutcomeColumns outcome;
  JudgedModel judged;
  std::vector<double> times;
  double level = 0.95;
};
/// Net benefit of treating by the model's risk at given times, with a figure.
[[nodiscard]] AnalysisOutput decision_curves(const stats::DataFrame& table, const DecisionOptions& options);

struct ValidationOptions {
  survival::OutcomeColumns outcome;
  std::string formula;
  survival::CoxOptions fit;
  stats::ResamplingOptions resampling;
};
/// Bootstrap correction of a Cox model's concordance and calibration slope for optimism. Throws as analyse_cox and
/// bootstrap_validation do.
[[nodiscard]] AnalysisOutput validate(const stats::DataFrame& table, const ValidationOptions& options);

}  // namespace gliocast::analysis
