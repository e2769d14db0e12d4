#include <gliocast/analysis/survival_nomogram.hpp>

#include <gliocast/analysis/cells.hpp>
#include <gliocast/analysis/survival_model.hpp>
#include <gliocast/core/error.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/survival/nomogram.hpp>

#include <cmath>

namespace gliocast::analysis {
namespace {

constexpr std::size_t kMostTimes = 4;  // by default: more scales of survival are hard to read

Json ticks_json(const std::vector<survival::NomogramTick>& ticks, bool text) {
  Json list = Json::array();
  for (const auto& t : ticks)
    list.push_back(
        {{"value", text ? Json(t.label) : finite_or_null(t.value)}, {"label", t.label}, {"points", t.points}});
  return list;
}

Json nomogram_json(const survival::CoxModel& model, const survival::Nomogram& n) {
  Json json{{"formula", model.design.formula().text},
            {"n", model.n},
            {"events", model.events},
            {"axes", Json::array()},
            {"points_per_unit", n.points_per_unit},
            {"intercept", n.intercept},
            {"notes", n.notes}};
  for (const auto& a : n.axes) {
    Json at = Json::object();
    for (const auto& [name, value] : a.at) at[name] = value;
    const bool text = !a.ticks.empty() && std::isnan(a.ticks[0].value);
    json["axes"].push_back({{"variable", a.variable},
                            {"label", a.label},
                            {"at", at},
                            {"discrete", a.discrete},
                            {"ticks", ticks_json(a.ticks, text)}});
  }
  Json total{{"points", n.total_points}, {"linear_predictor", Json::array()}, {"survival", Json::array()}};
  for (const double p : n.total_points) total["linear_predictor"].push_back(n.intercept + p / n.points_per_unit);
  json["linear_predictor"] = {{"ticks", ticks_json(n.linear_predictor, false)}};
  json["functions"] = Json::array();
  for (const auto& o : n.outcomes) {
    Json values = Json::array();
    for (const double v : o.at_total) values.push_back(finite_or_null(v));
    json["functions"].push_back({{"label", o.label},
                                 {"time", o.time > 0 ? Json(o.time) : Json(nullptr)},
                                 {"extrapolated", o.extrapolated},
                                 {"ticks", ticks_json(o.ticks, false)}});
    if (o.time > 0) {
      total["survival_" + shortest(o.time)] = values;
      total["survival"].push_back({{"time", o.time}, {"extrapolated", o.extrapolated}, {"values", values}});
    } else {
      total["median_survival"] = values;
    }
  }
  json["total"] = std::move(total);
  return json;
}

NomogramFigure figure_of(const NomogramOptions& s, const survival::Nomogram& n) {
  NomogramFigure figure;
  figure.title = s.title;
  figure.longest = n.total_points.back();
  // Levels keep their names, numbers on an axis have all their digits.
  const auto marks = [](const std::vector<survival::NomogramTick>& ticks, bool levels = false) {
    std::vector<NomogramMark> result;
    for (const auto& t : ticks) result.push_back({levels ? t.label : data_cell(t.value), t.points});
    return result;
  };
  for (const auto& a : n.axes) figure.predictors.push_back({a.label, marks(a.ticks, a.discrete), a.discrete});
  std::vector<NomogramMark> total;
  for (const double p : n.total_points) total.push_back({data_cell(p), p});
  figure.totals.push_back({"Total points", std::move(total)});
  figure.totals.push_back({"Linear predictor", marks(n.linear_predictor)});
  const std::string unit = s.unit.empty() ? "" : " " + s.unit;
  for (const auto& o : n.outcomes) {
    std::string label = o.time > 0 ? "Survival at " + data_cell(o.time) + unit
                                   : "Median survival" + (s.unit.empty() ? std::string() : " (" + s.unit + ")");
    if (o.extrapolated) label += " (extrapolated)";
    if (!o.ticks.empty()) figure.totals.push_back({std::move(label), marks(o.ticks)});
  }
  return figure;
}

/// Round times within the follow-up.
std::vector<double> default_times(const survival::CoxModel& model) {
  std::vector<double> times;
  const auto marks = time_ticks(model.last_follow_up());
  for (std::size_t i = 1; i < marks.size() && times.size() < kMostTimes; ++i)
    if (marks[i] < model.last_follow_up()) times.push_back(marks[i]);
  return times;
}

}  // namespace

NomogramOutput nomogram(const survival::CoxModel& model, const NomogramOptions& o) {
  for (const double t : o.times)
    if (!(t > 0) || !std::isfinite(t)) throw Error(ExitCode::WrongUse, "times are positive", "--times");
  const auto n = survival::lay_out_nomogram(model, o.times.empty() ? default_times(model) : o.times, o.stratum);
  NomogramOutput out;
  out.table.columns = {"axis", "value", "points"};
  const auto add_rows = [&](const std::string& axis, const std::vector<survival::NomogramTick>& ticks) {
    for (const auto& t : ticks) out.table.rows.push_back({axis, t.label, cell(t.points)});
  };
  for (const auto& a : n.axes) add_rows(a.label, a.ticks);
  add_rows("Linear predictor", n.linear_predictor);
  for (const auto& outcome : n.outcomes) add_rows(outcome.label, outcome.ticks);
  out.json = nomogram_json(model, n);
  out.calculator = survival::describe_for_calculator(model, n, o.stratum);
  out.notes = n.notes;
  add_model_warnings(model, out.notes);
  out.figures.emplace_back(figure_of(o, n));
  return out;
}

}  // namespace gliocast::analysis
