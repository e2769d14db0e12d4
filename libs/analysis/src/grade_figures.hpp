#pragma once
#include <gliocast/analysis/grade_evaluation.hpp>

#include <string>
#include <vector>

namespace gliocast::analysis {

/// The ROC curve of a score, named in the legend, and a figure of such curves.
[[nodiscard]] XySeries roc_series(const std::vector<double>& probability, const std::vector<int>& truth,
                                  const std::string& label);
[[nodiscard]] XyFigure roc_figure(std::vector<XySeries> series);

/// ROC and precision–recall curves, calibration in tenths with a smooth curve, decision curve; `prefix` of their names;
/// `auc`: as the legend has it, with the level of all intervals.
void add_grade_figures(const std::string& prefix, const std::vector<double>& probability, const std::vector<int>& truth,
                       const stats::Estimate& auc, std::vector<NamedFigure>& figures);

}  // namespace gliocast::analysis
