#include "grade_figures.hpp"

#include <gliocast/analysis/cells.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/stats/classification_metrics.hpp>
#include <gliocast/stats/decision_curve.hpp>
#include <gliocast/stats/probability_calibration.hpp>
#include <gliocast/stats/roc.hpp>

#include <algorithm>
#include <utility>

namespace gliocast::analysis {
namespace {

XyFigure precision_recall_figure(const std::vector<double>& p, const std::vector<int>& truth) {
  XyFigure figure{"", "Recall (sensitivity)", "Precision", 0, 1, 0, 1, false, {}, "Precision–recall curve"};
  XySeries series;
  series.label = "average precision " + decimal(stats::average_precision(p, truth), 3);
  for (const auto& point : stats::precision_recall_curve(p, truth)) {
    series.x.push_back(point.recall);
    series.y.push_back(point.precision);
  }
  XySeries chance;
  const double share = static_cast<double>(std::ranges::count(truth, 1)) / static_cast<double>(truth.size());
  chance.label = "chance " + decimal(share, 3);
  chance.x = {0, 1};
  chance.y = {share, share};
  chance.dashed = true;
  figure.series = {std::move(series), std::move(chance)};
  return figure;
}

XyFigure calibration_figure(const std::vector<double>& p, const std::vector<int>& truth, double level) {
  XyFigure figure{"", "Predicted probability", "Observed share", 0, 1, 0, 1, true, {}, "Calibration of probabilities"};
  XySeries groups, smooth;
  groups.label = "groups";
  groups.points = true;
  constexpr std::size_t kGroups = 10;
  for (const auto& g : stats::grouped_probabilities(p, truth, kGroups, level)) {
    groups.x.push_back(g.predicted);
    groups.y.push_back(g.observed.value);
    groups.low.push_back(g.observed.low);
    groups.high.push_back(g.observed.high);
  }
  const auto curve = stats::smooth_probabilities(p, truth);
  smooth.label = "lowess";
  smooth.x = curve.predicted;
  for (const double y : curve.observed) smooth.y.push_back(std::clamp(y, 0.0, 1.0));
  figure.series = {std::move(groups), std::move(smooth)};
  return figure;
}

XyFigure decision_figure(const std::vector<double>& p, const std::vector<int>& truth) {
  std::vector<double> thresholds;
  for (int percent = 1; percent < 100; ++percent) thresholds.push_back(percent / 100.0);
  const auto curve = stats::decision_curve(p, truth, thresholds);
  const double share = static_cast<double>(std::ranges::count(truth, 1)) / static_cast<double>(truth.size());
  XyFigure figure{"",    "Threshold probability",    "Net benefit", 0,  1,
                  -0.05, std::max(share * 1.1, 0.1), false,         {}, "Decision curve"};
  XySeries model, all, none;
  model.label = "model";
  model.x = all.x = thresholds;
  model.y = curve.model;
  all.label = "all positive";
  all.y = curve.all;
  none.label = "none positive";
  none.x = {0, 1};
  none.y = {0, 0};
  all.dashed = none.dashed = true;
  figure.series = {std::move(model), std::move(all), std::move(none)};
  return figure;
}

}  // namespace

XySeries roc_series(const std::vector<double>& p, const std::vector<int>& truth, const std::string& label) {
  XySeries series;
  series.label = label;
  for (const auto& point : stats::roc_curve(p, truth)) {
    series.x.push_back(1 - point.specificity);
    series.y.push_back(point.sensitivity);
  }
  return series;
}

XyFigure roc_figure(std::vector<XySeries> series) {
  return {"", "1 − specificity", "Sensitivity", 0, 1, 0, 1, true, std::move(series), "ROC curve"};
}

void add_grade_figures(const std::string& prefix, const std::vector<double>& p, const std::vector<int>& truth,
                       const stats::Estimate& auc, std::vector<NamedFigure>& figures) {
  figures.push_back({prefix + "roc", roc_figure({roc_series(p, truth, auc_text(auc))})});
  figures.push_back({prefix + "precision_recall", precision_recall_figure(p, truth)});
  figures.push_back({prefix + "calibration", calibration_figure(p, truth, auc.level)});
  figures.push_back({prefix + "decision", decision_figure(p, truth)});
}

}  // namespace gliocast::analysis
