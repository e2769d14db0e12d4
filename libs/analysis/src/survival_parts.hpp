#pragma once
#include <gliocast/analysis/figures.hpp>
#include <gliocast/core/json.hpp>
#include <gliocast/core/table.hpp>
#include <gliocast/survival/cox_model.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace gliocast::analysis {

// Parts of outputs that several verbs of survival have.

/// One coefficient on the scale of the hazard ratio.
struct HazardRatio {
  double se = 0;                ///< of the coefficient, by the model
  stats::Estimate coefficient;  ///< its standard error is the robust one where there is one
  stats::TestResult test;
  stats::Estimate ratio;
};
[[nodiscard]] HazardRatio hazard_ratio(const survival::CoxFit& fit, std::size_t column, double level);

/// Columns of a table of coefficients.
[[nodiscard]] std::vector<std::string> coefficient_columns();
/// A fit in full; its coefficients are also rows of the table, under the name of the model.
[[nodiscard]] Json cox_fit_json(const survival::CoxAnalysis& analysis, double level, TextTable& table,
                                const std::string& model);

/// Observed against predicted survival at one time.
struct CalibrationAt {
  Json groups, smooth;                         ///< smooth: null where there is no curve
  std::vector<std::vector<std::string>> rows;  ///< time, group, n, events, predicted, observed, std_error, limits
  XySeries points, curve;
  double ici = 0;                    ///< mean |observed − predicted| of the smooth curve; NaN without
  std::string no_curve;              ///< why there is none; empty where there is
  std::size_t without_interval = 0;  ///< groups whose observed survival is 0
};
[[nodiscard]] CalibrationAt calibration_at(const survival::SurvivalSample& sample, const std::vector<double>& predicted,
                                           double time, std::size_t groups, std::size_t knots, double level);
/// A figure of predicted against observed survival, without series.
[[nodiscard]] XyFigure calibration_figure();

/// 0.01, 0.02 … 0.99.
[[nodiscard]] std::vector<double> decision_thresholds();
/// A figure of net benefit, without series.
[[nodiscard]] XyFigure decision_figure();
/// Net benefit of a model, or of treating all (dashed, where it is not far below 0), as a line.
void add_net_benefit(const std::string& label, const std::vector<double>& threshold, const std::vector<double>& benefit,
                     bool all, XyFigure& figure);
/// The line of treating none, the last.
void add_treat_none(XyFigure& figure);

}  // namespace gliocast::analysis
