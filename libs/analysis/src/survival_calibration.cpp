#include <gliocast/analysis/cells.hpp>
#include <gliocast/analysis/survival_performance.hpp>
#include <gliocast/core/error.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/survival/brier.hpp>
#include <gliocast/survival/calibration.hpp>

#include <algorithm>
#include <cmath>

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

/// Kaplan–Meier of the groups at one time.
Json groups_json(const std::vector<survival::CalibrationGroup>& groups, double time, TextTable& table,
                 XySeries& series) {
  Json list = Json::array();
  for (std::size_t g = 0; g < groups.size(); ++g) {
    const auto& c = groups[g];
    const auto& observed = c.observed;
    list.push_back({{"n", c.n},
                    {"events", c.events},
                    {"predicted", finite_or_null(c.predicted)},
                    {"observed", finite_or_null(observed.value)},
                    {"std_error", finite_or_null(observed.se)},
                    {"lower", finite_or_null(observed.low)},
                    {"upper", finite_or_null(observed.high)}});
    table.rows.push_back(
        {cell(time), std::to_string(g + 1), std::to_string(c.n), std::to_string(c.events), cell(c.predicted)});
    add_cells(table.rows.back(), observed);
    if (std::isnan(observed.value)) continue;
    series.x.push_back(c.predicted);
    series.y.push_back(observed.value);
    series.low.push_back(observed.low);
    series.high.push_back(observed.high);
  }
  return list;
}

/// The smooth curve at one time; its sentence says how good the prediction is.
void add_smooth_curve(const JudgedRows& p, std::size_t t, const CalibrationOptions& o, const stats::Estimate& brier,
                      double without_model, Json& item, XyFigure& figure, std::vector<std::string>& notes) {
  const std::string at = "at " + cell(o.times[t]) + ": ";
  try {
    const auto smooth = survival::smooth_calibration(p.used.sample, p.survival[t], o.times[t], o.knots);
    item["smooth"] = {{"predicted", numbers_json(smooth.predicted)},
                      {"observed", numbers_json(smooth.observed)},
                      {"ici", smooth.ici},
                      {"e50", smooth.e50},
                      {"e90", smooth.e90}};
    notes.push_back(at + "mean |observed - predicted| " + cell(smooth.ici) + " (smooth), Brier score " +
                    cell(brier.value) + " (" + cell(brier.low) + " to " + cell(brier.high) + "; without the model " +
                    cell(without_model) + ")");
    figure.series.push_back({"", smooth.predicted, smooth.observed, {}, {}, false, true, static_cast<int>(t)});
  } catch (const Error& e) {
    item["smooth"] = nullptr;
    notes.push_back(at + "no smooth curve: " + e.problem());
  }
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
  XyFigure figure{
      "", "Predicted survival", "Observed survival", 0, 1, 0, 1, true, {}, "Calibration of predicted survival"};
  for (std::size_t t = 0; t < o.times.size(); ++t) {
    XySeries series;
    series.label = "at " + time_text(o.times[t], o.outcome.time);
    series.points = true;
    series.colour = static_cast<int>(t);
    const auto groups = survival::grouped_calibration(p.used.sample, p.survival[t], o.times[t], o.groups, o.level);
    Json item{{"time", o.times[t]}, {"groups", groups_json(groups, o.times[t], out.table, series)}};
    figure.series.push_back(std::move(series));
    const auto brier = survival::brier_score(p.used.sample, censoring, p.survival[t], o.times[t], o.level);
    const double without_model = survival::brier_score_of_kaplan_meier(p.used.sample, censoring, o.times[t]);
    set_brier(item, "brier", brier);
    item["brier_kaplan_meier"] = finite_or_null(without_model);
    add_smooth_curve(p, t, o, brier, without_model, item, figure, out.notes);
    out.json["times"].push_back(std::move(item));
  }
  set_brier(out.json, "integrated_brier", integrated_brier(p, censoring, o));
  out.figures.emplace_back(std::move(figure));
  return out;
}

}  // namespace gliocast::analysis
