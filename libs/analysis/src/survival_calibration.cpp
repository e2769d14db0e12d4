#include <gliocast/analysis/cells.hpp>
#include <gliocast/analysis/survival_performance.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/survival/brier.hpp>

#include "survival_parts.hpp"

#include <algorithm>

namespace gliocast::analysis {
namespace {

survival::InfluenceEstimate integrated_brier(const JudgedRows& p, const survival::CensoringCurve& censoring,
                                             const CalibrationOptions& o) {
  const double last = *std::ranges::max_element(o.times);
  const auto grid = survival::integrated_brier_grid(last);
  std::vector<std::vector<double>> predicted(grid.size());
  for (const auto& row : p.model.predict(p.used.frame, grid, o.level))
    for (std::size_t i = 0; i < grid.size(); ++i) predicted[i].push_back(row.survival[i]);
  return survival::integrated_brier_score(p.used.sample, censoring, predicted, last, o.level);
}

/// Sets `name`, and with it its standard error and limits.
void set_brier(Json& json, const std::string& name, const stats::Estimate& e) {
  json[name] = finite_or_null(e.value);
  json[name + "_se"] = finite_or_null(e.se);
  json[name + "_lower"] = finite_or_null(e.low);
  json[name + "_upper"] = finite_or_null(e.high);
}

/// Says how good the prediction is at one time.
std::string sentence_on(const CalibrationAt& at, double time, const stats::Estimate& brier, double without_model) {
  if (!at.no_curve.empty()) return "at " + cell(time) + ": no smooth curve: " + at.no_curve;
  return "at " + cell(time) + ": mean |observed - predicted| " + cell(at.ici) + " (smooth), Brier score " +
         cell(brier.value) + " (" + cell(brier.low) + " to " + cell(brier.high) + "; without the model " +
         cell(without_model) + ")";
}

}  // namespace

AnalysisOutput calibrate(const stats::DataFrame& table, const CalibrationOptions& o) {
  const auto p = judge_model(table, o.outcome, o.judged, o.times, o.level, "calibrate");
  const survival::CensoringCurve censoring(p.used.sample);
  AnalysisOutput out;
  out.table.columns = {"time", "group", "n", "events", "predicted", "observed", "std_error", "lower", "upper"};
  out.json = {{"model", p.model.design.formula().text},
              {"n", p.used.frame.rows()},
              {"events", p.used.events},
              {"left_out", p.used.left_out},
              {"times", Json::array()}};
  out.notes = p.used.notes;
  XyFigure figure = calibration_figure();
  for (std::size_t t = 0; t < o.times.size(); ++t) {
    auto at = calibration_at(p.used.sample, p.survival[t], o.times[t], o.groups, o.knots, o.level);
    at.points.label = "at " + time_text(o.times[t], o.outcome.time);
    at.points.colour = at.curve.colour = static_cast<int>(t);
    out.table.rows.insert(out.table.rows.end(), at.rows.begin(), at.rows.end());
    Json item{{"time", o.times[t]}, {"groups", std::move(at.groups)}, {"smooth", std::move(at.smooth)}};
    figure.series.push_back(std::move(at.points));
    if (at.no_curve.empty()) figure.series.push_back(std::move(at.curve));
    const auto brier = survival::brier_score(p.used.sample, censoring, p.survival[t], o.times[t], o.level);
    const double without_model = survival::brier_score_of_kaplan_meier(p.used.sample, censoring, o.times[t]);
    set_brier(item, "brier", brier);
    item["brier_kaplan_meier"] = finite_or_null(without_model);
    out.notes.push_back(sentence_on(at, o.times[t], brier, without_model));
    if (at.without_interval > 0)
      out.notes.push_back("at " + cell(o.times[t]) + ": in " + std::to_string(at.without_interval) +
                          (at.without_interval == 1 ? " group" : " groups") +
                          " survival is 0, which has no interval: NA");
    out.json["times"].push_back(std::move(item));
  }
  set_brier(out.json, "integrated_brier", integrated_brier(p, censoring, o));
  out.figures.emplace_back(std::move(figure));
  return out;
}

}  // namespace gliocast::analysis
