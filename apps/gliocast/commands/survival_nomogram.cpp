// gliocast survival nomogram: the model on paper, and as a calculator.
#include "statistics_output.hpp"
#include "survival_commands.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/files.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/report/nomogram_calculator.hpp>
#include <gliocast/report/nomogram_figure.hpp>
#include <gliocast/report/survival_figures.hpp>
#include <gliocast/survival/cox_model_file.hpp>
#include <gliocast/survival/nomogram.hpp>

#include <cmath>
#include <memory>

namespace gliocast::cli {
namespace {

struct Settings {
  StatisticsArguments common;
  std::filesystem::path model, html;
  std::vector<double> times;
  std::string stratum, unit, title;
};

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

report::NomogramFigure figure_of(const Settings& s, const survival::Nomogram& n) {
  report::NomogramFigure figure;
  figure.title = s.title;
  figure.longest = n.total_points.back();
  // Levels keep their names, numbers on an axis have all their digits.
  const auto marks = [](const std::vector<survival::NomogramTick>& ticks, bool levels = false) {
    std::vector<report::NomogramMark> result;
    for (const auto& t : ticks) result.push_back({levels ? t.label : data_cell(t.value), t.points});
    return result;
  };
  for (const auto& a : n.axes) figure.predictors.push_back({a.label, marks(a.ticks, a.discrete), a.discrete});
  std::vector<report::NomogramMark> total;
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

void run_nomogram(const Settings& s) {
  const auto model = survival::read_cox_model(s.model);
  std::vector<double> times = s.times;
  for (const double t : times)
    if (!(t > 0) || !std::isfinite(t)) throw Error(ExitCode::WrongUse, "times are positive", "--times");
  if (times.empty()) {
    const auto marks = report::time_ticks(model.last_follow_up());
    for (std::size_t i = 1; i < marks.size() && times.size() < 4; ++i)
      if (marks[i] < model.last_follow_up()) times.push_back(marks[i]);
  }
  const auto n = survival::lay_out_nomogram(model, times, s.stratum);
  TextTable out{{"axis", "value", "points"}, {}};
  for (const auto& a : n.axes)
    for (const auto& t : a.ticks) out.rows.push_back({a.label, t.label, cell(t.points)});
  for (const auto& t : n.linear_predictor) out.rows.push_back({"Linear predictor", t.label, cell(t.points)});
  for (const auto& o : n.outcomes)
    for (const auto& t : o.ticks) out.rows.push_back({o.label, t.label, cell(t.points)});
  Json json = nomogram_json(model, n);
  if (!s.html.empty())
    write_text(s.html, report::nomogram_calculator({s.title, s.unit, s.stratum},
                                                   survival::describe_for_calculator(model, n, s.stratum)));
  auto notes = n.notes;
  add_model_warnings(model, notes);
  if (!s.html.empty()) notes.push_back("calculator: " + s.html.string());
  emit(s.common, out, json, notes);
  if (!s.common.figure.empty()) report::draw_nomogram(s.common.figure, figure_of(s, n));
}

}  // namespace

void add_survival_nomogram(CLI::App& survival, int& result) {
  auto s = std::make_shared<Settings>();
  auto* nomogram = survival.add_subcommand(
      "nomogram", "Nomogram of a saved model as a figure, a table, and a calculator that runs in a browser");
  nomogram->add_option("--model", s->model, "Model of gliocast survival cox --save")->required();
  nomogram
      ->add_option("--times", s->times,
                   "Times at which survival is read off, in the model's unit, e.g. 12,36,60; default: round times "
                   "within the follow-up")
      ->delimiter(',');
  nomogram->add_option("--unit", s->unit, "Name of the unit of time for labels, e.g. months");
  nomogram->add_option("--title", s->title, "Title");
  nomogram->add_option("--stratum", s->stratum, "Stratum whose baseline is used, in a stratified model");
  add_figure_option(*nomogram, s->common);
  nomogram->add_option("--html", s->html, "Write a self-contained interactive calculator");
  nomogram->add_option("--out", s->common.out,
                       "Table of marks: .tsv, .csv, .md (Markdown), .tex (LaTeX); standard output if absent");
  nomogram->add_flag("--json", s->common.json, "Print JSON on standard output");
  nomogram->add_flag("--quiet,-q", s->common.quiet, "No notes on standard error but warnings");
  nomogram->footer(
      "Example: gliocast survival nomogram --model model.json --times 365,730 --unit days --figure nomogram.pdf --html "
      "nomogram.html");
  nomogram->callback([s, &result] { run_nomogram(*s), result = 0; });
}

}  // namespace gliocast::cli
