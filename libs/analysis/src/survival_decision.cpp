#include <gliocast/analysis/cells.hpp>
#include <gliocast/analysis/survival_performance.hpp>
#include <gliocast/survival/decision_curve.hpp>

#include "survival_parts.hpp"

namespace gliocast::analysis {
AnalysisOutput decision_curves(const stats::DataFrame& table, const DecisionOptions& o) {
  const auto p = judge_model(table, o.outcome, o.judged, o.times, o.level, "decision");
  const auto thresholds = decision_thresholds();
  AnalysisOutput out;
  out.table.columns = {"time", "threshold", "net_benefit", "treat_all"};
  out.json = {{"model", p.model.design.formula().text},
              {"n", p.used.frame.rows()},
              {"events", p.used.events},
              {"left_out", p.used.left_out},
              {"curves", Json::array()}};
  out.notes = p.used.notes;
  XyFigure figure = decision_figure();
  for (std::size_t t = 0; t < o.times.size(); ++t) {
    const auto curve = survival::decision_curve(p.used.sample, p.survival[t], o.times[t], thresholds);
    out.json["curves"].push_back({{"time", o.times[t]},
                                  {"threshold", curve.threshold},
                                  {"net_benefit", numbers_json(curve.model)},
                                  {"treat_all", numbers_json(curve.all)}});
    for (std::size_t i = 0; i < thresholds.size(); ++i)
      out.table.rows.push_back({cell(o.times[t]), cell(thresholds[i]), cell(curve.model[i]), cell(curve.all[i])});
    add_net_benefit("model, at " + time_text(o.times[t], o.outcome.time), curve.threshold, curve.model, false, figure);
    add_net_benefit("treat all, at " + time_text(o.times[t], o.outcome.time), curve.threshold, curve.all, true, figure);
  }
  add_treat_none(figure);
  out.figures.emplace_back(std::move(figure));
  return out;
}

}  // namespace gliocast::analysis
