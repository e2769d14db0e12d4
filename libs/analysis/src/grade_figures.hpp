#pragma once
#include <gliocast/analysis/grade_evaluation.hpp>

#include <string>
#include <vector>

namespace gliocast::analysis {

/// ROC and precision–recall curves, calibration in tenths with a smooth curve, decision curve; `prefix` of their names;
/// `auc`: as the legend has it, with the level of all intervals.
void add_grade_figures(const std::string& prefix, const std::vector<double>& probability, const std::vector<int>& truth,
                       const stats::Estimate& auc, std::vector<NamedFigure>& figures);

}  // namespace gliocast::analysis
