#include <gliocast/analysis/cells.hpp>
#include <gliocast/analysis/survival_performance.hpp>
#include <gliocast/survival/decision_curve.hpp>

#include <algorithm>
#include <cmath>

namespace gliocast::analysis {
namespace {

constexpr int kThresholds = 100;                   // 0.01, 0.02 … 0.99
constexpr double kLowest = -0.1, kHeadroom = 1.1;  // of the figure: far below 0 no curve is of interest

/// The model's curve and that of treating all, at one time.
void add_series(const survival::DecisionCurve& curve, const std::string& time, XyFigure& figure) {
  XySeries model, all;
  model.label = "model, at " + time;
  all.label = "treat all, at " + time;
  all.dashed = true;
  for (std::size_t i = 0; i < curve.threshold.size(); ++i) {
    model.x.push_back(curve.threshold[i]);
    model.y.push_back(curve.model[i]);  // NaN parts the line
    if (std::isfinite(curve.model[i])) figure.y_high = std::max(figure.y_high, curve.model[i] * kHeadroom);
    if (!(curve.all[i] > figure.y_low)) continue;
    all.x.push_back(curve.threshold[i]);
    all.y.push_back(curve.all[i]);
    figure.y_high = std::max(figure.y_high, curve.all[i] * kHeadroom);
  }
  figure.series.push_back(std::move(model));
  figure.series.push_back(std::move(all));
}

}  // namespace

AnalysisOutput decision_curves(const stats::DataFrame& table, const DecisionOptions& o) {
  const auto p = judge_model(table, o.outcome, o.judged, o.times, o.level, "decision");
  std::vector<double> thresholds;
  for (int i = 1; i < kThresholds; ++i) thresholds.push_back(i / static_cast<double>(kThresholds));
  AnalysisOutput out;
  out.table.columns = {"time", "threshold", "net_benefit", "treat_all"};
  out.json = {{"model", p.model.design.formula().text},
              {"n", p.used.frame.rows()},
              {"events", p.used.events},
              {"left_out", p.used.left_out},
              {"curves", Json::array()}};
  out.notes = p.used.notes;
  XyFigure figure{"", "Threshold risk of the event", "Net benefit", 0, 1, kLowest, 0.1, false, {}, "Decision curves"};
  for (std::size_t t = 0; t < o.times.size(); ++t) {
    const auto curve = survival::decision_curve(p.used.sample, p.survival[t], o.times[t], thresholds);
    out.json["curves"].push_back({{"time", o.times[t]},
                                  {"threshold", curve.threshold},
                                  {"net_benefit", numbers_json(curve.model)},
                                  {"treat_all", numbers_json(curve.all)}});
    for (std::size_t i = 0; i < thresholds.size(); ++i)
      out.table.rows.push_back({cell(o.times[t]), cell(thresholds[i]), cell(curve.model[i]), cell(curve.all[i])});
    add_series(curve, time_text(o.times[t], o.outcome.time), figure);
  }
  figure.series.push_back({"treat none", {0, 1}, {0, 0}, {}, {}, false, true});
  out.figures.emplace_back(std::move(figure));
  return out;
}

}  // namespace gliocast::analysis
