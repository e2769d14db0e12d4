// gliocast survival calibrate, timeroc, decision, validate: how good predictions are.
#include "statistics_output.hpp"
#include "survival_commands.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/files.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/report/survival_figures.hpp>
#include <gliocast/survival/bootstrap_validation.hpp>
#include <gliocast/survival/brier.hpp>
#include <gliocast/survival/calibration.hpp>
#include <gliocast/survival/cox_model.hpp>
#include <gliocast/survival/cox_model_file.hpp>
#include <gliocast/survival/decision_curve.hpp>
#include <gliocast/survival/time_roc.hpp>

#include <algorithm>
#include <cmath>
#include <memory>

namespace gliocast::cli {
namespace {

struct Settings {
  StatisticsArguments common;
  std::filesystem::path model;
  std::string verb, formula, ties = "efron";
  std::vector<std::string> scores;
  std::vector<double> times;
  std::size_t groups = 5, draws = 1000, knots = 3;
  std::uint64_t seed = 1;
};

struct Predicted {
  survival::SurvivalFrame used;
  std::vector<std::vector<double>> survival;  ///< [time][row]
  std::vector<double> risk;                   ///< linear predictor
  std::string model;
};

/// Survival of the rows that can be used, from a saved model or one fitted to the table itself.
Predicted predict_rows(const Settings& s) {
  if (s.model.empty() == s.formula.empty())
    throw Error(ExitCode::WrongUse, "one of --model and --formula is needed", "--model");
  const auto table = load_table(s.common);
  const auto model = s.model.empty() ? survival::analyse_cox(table, s.common.outcome, s.formula).model
                                     : survival::read_cox_model(s.model);
  refuse_entry(model, s.model, s.verb);
  auto outcome = s.common.outcome;
  outcome.coding = model.event_coding;
  auto columns = model.design.formula().columns();
  std::erase(columns, model.design.formula().cluster);
  auto used = survival::make_survival_frame(table, outcome, columns);
  Predicted p{used, std::vector<std::vector<double>>(s.times.size()), {}, model.design.formula().text};
  std::size_t unknown = 0;
  std::vector<std::size_t> kept;
  const auto predictions = model.predict(used.frame, s.times, s.common.level);
  for (std::size_t i = 0; i < predictions.size(); ++i) {
    if (std::isnan(predictions[i].linear_predictor)) {
      ++unknown;
      continue;
    }
    kept.push_back(used.rows[i]);
    p.risk.push_back(predictions[i].linear_predictor);
    for (std::size_t t = 0; t < s.times.size(); ++t) p.survival[t].push_back(predictions[i].survival[t]);
  }
  if (kept.empty()) {
    std::string which;
    for (const auto& n : unknown_level_notes(model.design, table)) which += "; " + n;
    throw unusable_input("the model knows the levels of no row" + which, table.origin());
  }
  if (unknown > 0) {
    p.used = survival::make_survival_frame(table.subset(kept), outcome, columns);
    p.used.left_out += used.left_out;
    p.used.notes.push_back(std::to_string(unknown) + " rows have a level the model does not know: left out");
    for (const auto& n : unknown_level_notes(model.design, table)) p.used.notes.push_back(n);
  }
  add_model_warnings(model, p.used.notes);
  for (const double t : s.times)
    if (t > model.last_follow_up())
      p.used.notes.push_back("time " + cell(t) + " lies beyond the " + cell(model.last_follow_up()) +
                             " of follow-up the model was fitted on: extrapolation");
  return p;
}

Json numbers(const std::vector<double>& values) {
  Json list = Json::array();
  for (const double v : values) list.push_back(finite_or_null(v));
  return list;
}

survival::InfluenceEstimate integrated_brier(const Predicted& p, const Settings& s,
                                             const survival::CensoringCurve& censoring) {
  const auto table = load_table(s.common);
  const auto model = s.model.empty() ? survival::analyse_cox(table, s.common.outcome, s.formula).model
                                     : survival::read_cox_model(s.model);
  const double last = *std::ranges::max_element(s.times);
  const auto grid = survival::integrated_brier_grid(last);
  std::vector<std::vector<double>> predicted(grid.size());
  for (const auto& row : model.predict(p.used.frame, grid, s.common.level))
    for (std::size_t i = 0; i < grid.size(); ++i) predicted[i].push_back(row.survival[i]);
  return survival::integrated_brier_score(p.used.sample, censoring, predicted, last, s.common.level);
}

void run_calibrate(const Settings& s) {
  auto p = predict_rows(s);
  const survival::CensoringCurve censoring(p.used.sample);
  TextTable out{{"time", "group", "n", "events", "predicted", "observed", "std_error", "lower", "upper"}, {}};
  Json json{{"model", p.model},
            {"n", p.used.frame.rows()},
            {"events", p.used.events},
            {"left_out", p.used.left_out},
            {"times", Json::array()}};
  report::XyFigure figure{"", "Predicted survival", "Observed survival", 0, 1, 0, 1, true, true, false, {}};
  auto notes = p.used.notes;
  for (std::size_t t = 0; t < s.times.size(); ++t) {
    const auto groups =
        survival::grouped_calibration(p.used.sample, p.survival[t], s.times[t], s.groups, s.common.level);
    Json item{{"time", s.times[t]}, {"groups", Json::array()}};
    const auto brier = survival::brier_score(p.used.sample, censoring, p.survival[t], s.times[t], s.common.level);
    item["brier"] = finite_or_null(brier.value);
    item["brier_se"] = finite_or_null(brier.se);
    item["brier_lower"] = finite_or_null(brier.low);
    item["brier_upper"] = finite_or_null(brier.high);
    item["brier_kaplan_meier"] =
        finite_or_null(survival::brier_score_of_kaplan_meier(p.used.sample, censoring, s.times[t]));
    report::XySeries series;
    series.label = "at " + data_cell(s.times[t]);
    series.points = true;
    for (std::size_t g = 0; g < groups.size(); ++g) {
      const auto& c = groups[g];
      item["groups"].push_back({{"n", c.n},
                                {"events", c.events},
                                {"predicted", finite_or_null(c.predicted)},
                                {"observed", finite_or_null(c.observed.value)},
                                {"std_error", finite_or_null(c.observed.se)},
                                {"lower", finite_or_null(c.observed.low)},
                                {"upper", finite_or_null(c.observed.high)}});
      out.rows.push_back({cell(s.times[t]), std::to_string(g + 1), std::to_string(c.n), std::to_string(c.events),
                          cell(c.predicted), cell(c.observed.value), cell(c.observed.se), cell(c.observed.low),
                          cell(c.observed.high)});
      if (std::isnan(c.observed.value)) continue;
      series.x.push_back(c.predicted), series.y.push_back(c.observed.value), series.lower.push_back(c.observed.low),
          series.upper.push_back(c.observed.high);
    }
    series.colour = static_cast<int>(t);
    figure.series.push_back(std::move(series));
    try {
      const auto smooth = survival::smooth_calibration(p.used.sample, p.survival[t], s.times[t], s.knots);
      item["smooth"] = {{"predicted", numbers(smooth.predicted)},
                        {"observed", numbers(smooth.observed)},
                        {"ici", smooth.ici},
                        {"e50", smooth.e50},
                        {"e90", smooth.e90}};
      notes.push_back(
          "at " + cell(s.times[t]) + ": mean |observed - predicted| " + cell(smooth.ici) + " (smooth), Brier score " +
          cell(brier.value) + " (" + cell(brier.low) + " to " + cell(brier.high) + "; without the model " +
          cell(item["brier_kaplan_meier"].is_number() ? item["brier_kaplan_meier"].get<double>() : NAN) + ")");
      figure.series.push_back({"", smooth.predicted, smooth.observed, {}, {}, false, true, static_cast<int>(t)});
    } catch (const Error& e) {
      item["smooth"] = nullptr;
      notes.push_back("at " + cell(s.times[t]) + ": no smooth curve: " + e.problem());
    }
    json["times"].push_back(std::move(item));
  }
  const auto integrated = integrated_brier(p, s, censoring);
  json["integrated_brier"] = finite_or_null(integrated.value);
  json["integrated_brier_se"] = finite_or_null(integrated.se);
  json["integrated_brier_lower"] = finite_or_null(integrated.low);
  json["integrated_brier_upper"] = finite_or_null(integrated.high);
  emit(s.common, out, json, notes);
  if (!s.common.figure.empty()) report::draw_xy(s.common.figure, figure);
}

/// The first score's AUC less another's at one time, with the test that they are equal.
void add_auc_difference(Json& json, Predicted& p, const std::string& score, const std::string& against, double time,
                        const survival::InfluenceEstimate& d) {
  const auto test = stats::z_test(d.value, d.se);
  json["differences"].push_back({{"score", score},
                                 {"against", against},
                                 {"time", time},
                                 {"difference", finite_or_null(d.value)},
                                 {"se", finite_or_null(d.se)},
                                 {"lower", finite_or_null(d.low)},
                                 {"upper", finite_or_null(d.high)},
                                 {"z", finite_or_null(test.statistic)},
                                 {"p", finite_or_null(test.p)}});
  p.used.notes.push_back("at " + cell(time) + ": AUC of " + score + " less that of " + against + " " + cell(d.value) +
                         " (" + cell(d.low) + " to " + cell(d.high) + "), P " + p_cell(test.p));
}

void run_timeroc(const Settings& s) {
  Predicted p;
  std::vector<std::string> names = s.scores;
  std::vector<std::vector<double>> scores;
  if (names.empty()) {
    p = predict_rows(s);
    names = {p.model};
    scores = {p.risk};
  } else {
    p.used = survival::make_survival_frame(load_table(s.common), s.common.outcome, names);
    for (const auto& name : names) scores.push_back(p.used.frame.numeric(name).numbers);
  }
  const survival::CensoringCurve censoring(p.used.sample);
  TextTable out{{"score", "time", "auc", "se", "lower", "upper", "cases", "controls"}, {}};
  Json json{{"n", p.used.frame.rows()}, {"events", p.used.events}, {"left_out", p.used.left_out},
            {"level", s.common.level},  {"curves", Json::array()}, {"differences", Json::array()}};
  std::vector<survival::InfluenceEstimate> first(s.times.size());
  report::XyFigure figure{"", "1 − specificity", "Sensitivity", 0, 1, 0, 1, true, true, false, {}};
  for (std::size_t k = 0; k < scores.size(); ++k)
    for (std::size_t t = 0; t < s.times.size(); ++t) {
      const double time = s.times[t];
      const auto roc = survival::time_dependent_roc(p.used.sample, censoring, scores[k], time, s.common.level);
      json["curves"].push_back({{"score", names[k]},
                                {"time", time},
                                {"auc", finite_or_null(roc.auc.value)},
                                {"se", finite_or_null(roc.auc.se)},
                                {"lower", finite_or_null(roc.auc.low)},
                                {"upper", finite_or_null(roc.auc.high)},
                                {"cases", roc.cases},
                                {"controls", roc.controls},
                                {"threshold", numbers(roc.threshold)},
                                {"sensitivity", roc.sensitivity},
                                {"specificity", roc.specificity}});
      out.rows.push_back({names[k], cell(time), cell(roc.auc.value), cell(roc.auc.se), cell(roc.auc.low),
                          cell(roc.auc.high), std::to_string(roc.cases), std::to_string(roc.controls)});
      if (std::isnan(roc.auc.value)) {
        p.used.notes.push_back("at " + cell(time) + ": no AUC, " + std::to_string(roc.cases) + " events before and " +
                               std::to_string(roc.controls) + " followed beyond");
        continue;
      }
      if (std::isnan(roc.auc.se))
        p.used.notes.push_back("warning: at " + cell(time) + ": with " + std::to_string(roc.cases) +
                               " events before and " + std::to_string(roc.controls) +
                               " followed beyond the AUC has no standard error and no limits (NA)");
      if (k == 0)
        first[t] = roc.auc;
      else
        add_auc_difference(json, p, names[0], names[k], time, survival::difference(first[t], roc.auc, s.common.level));
      report::XySeries series;
      series.label = (scores.size() > 1 ? names[k] + " " : std::string()) + "at " + data_cell(time) + ": " +
                     auc_text(roc.auc.value, roc.auc.low, roc.auc.high);
      for (std::size_t i = 0; i < roc.sensitivity.size(); ++i)
        series.x.push_back(1 - roc.specificity[i]), series.y.push_back(roc.sensitivity[i]);
      figure.series.push_back(std::move(series));
    }
  emit(s.common, out, json, p.used.notes);
  if (!s.common.figure.empty() && !figure.series.empty()) report::draw_xy(s.common.figure, figure);
}

void run_decision(const Settings& s) {
  const auto p = predict_rows(s);
  std::vector<double> thresholds;
  for (int i = 1; i < 100; ++i) thresholds.push_back(i / 100.0);
  TextTable out{{"time", "threshold", "net_benefit", "treat_all"}, {}};
  Json json{{"model", p.model},
            {"n", p.used.frame.rows()},
            {"events", p.used.events},
            {"left_out", p.used.left_out},
            {"curves", Json::array()}};
  report::XyFigure figure{"", "Threshold risk of the event", "Net benefit", 0, 1, -0.1, 0.1, false, false, true, {}};
  for (std::size_t t = 0; t < s.times.size(); ++t) {
    const auto curve = survival::decision_curve(p.used.sample, p.survival[t], s.times[t], thresholds);
    json["curves"].push_back({{"time", s.times[t]},
                              {"threshold", curve.threshold},
                              {"net_benefit", numbers(curve.model)},
                              {"treat_all", numbers(curve.all)}});
    report::XySeries model, all;
    model.label = "model, at " + data_cell(s.times[t]);
    all.label = "treat all, at " + data_cell(s.times[t]);
    all.dashed = true;
    for (std::size_t i = 0; i < thresholds.size(); ++i) {
      out.rows.push_back({cell(s.times[t]), cell(thresholds[i]), cell(curve.model[i]), cell(curve.all[i])});
      model.x.push_back(thresholds[i]), model.y.push_back(curve.model[i]);  // NaN parts the line
      if (std::isfinite(curve.model[i])) figure.y_high = std::max(figure.y_high, curve.model[i] * 1.1);
      if (curve.all[i] > figure.y_low)
        all.x.push_back(thresholds[i]), all.y.push_back(curve.all[i]),
            figure.y_high = std::max(figure.y_high, curve.all[i] * 1.1);
    }
    figure.series.push_back(std::move(model));
    figure.series.push_back(std::move(all));
  }
  figure.series.push_back({"treat none", {0, 1}, {0, 0}, {}, {}, false, true});
  emit(s.common, out, json, p.used.notes);
  if (!s.common.figure.empty()) report::draw_xy(s.common.figure, figure);
}

void run_validate(const Settings& s) {
  const auto table = load_table(s.common);
  survival::CoxOptions options;
  options.ties = s.ties == "efron" ? survival::Ties::Efron : survival::Ties::Breslow;
  const auto a = survival::analyse_cox(table, s.common.outcome, s.formula, options);
  const auto validation = survival::bootstrap_validation(a.data, options, {.draws = s.draws, .seed = s.seed});
  TextTable out{{"index", "apparent", "training", "test", "optimism", "corrected", "draws"}, {}};
  Json json{{"formula", s.formula}, {"n", a.fit.n},   {"events", a.fit.events},  {"left_out", a.used.left_out},
            {"draws", s.draws},     {"seed", s.seed}, {"indices", Json::array()}};
  for (const auto& i : validation.indices) {
    out.rows.push_back({i.index, cell(i.apparent), cell(i.training), cell(i.test), cell(i.optimism), cell(i.corrected),
                        std::to_string(validation.draws)});
    json["indices"].push_back({{"index", i.index},
                               {"apparent", i.apparent},
                               {"training", i.training},
                               {"test", i.test},
                               {"optimism", i.optimism},
                               {"corrected", i.corrected},
                               {"draws", validation.draws}});
  }
  auto notes = a.used.notes;
  add_model_warnings(a.model, notes);
  if (validation.draws < s.draws)
    notes.push_back(std::to_string(s.draws - validation.draws) + " of " + std::to_string(s.draws) +
                    " draws could not be fitted and are left out: " + stats::describe_failures(validation.failed));
  emit(s.common, out, json, notes);
}

void add_prediction_options(CLI::App& verb, Settings& s) {
  add_statistics_options(verb, s.common, true);
  add_figure_option(verb, s.common);
  verb.add_option("--model", s.model, "Model of gliocast survival cox --save");
  verb.add_option("--formula", s.formula, "Or: fit this model to the table itself (apparent performance)");
  verb.add_option("--times", s.times, "Times, in the model's unit")
      ->delimiter(',')
      ->required()
      ->check(CLI::PositiveNumber);
}

}  // namespace

void add_survival_performance(CLI::App& survival, int& result) {
  auto s = std::make_shared<Settings>();
  auto* calibrate = survival.add_subcommand(
      "calibrate",
      "Observed against predicted survival at given times: Kaplan-Meier of groups, smooth curve, Brier scores");
  s->verb = "calibrate";
  add_prediction_options(*calibrate, *s);
  calibrate->add_option("--groups", s->groups, "Groups by quantiles of the prediction")
      ->check(CLI::Range(2, 50))
      ->capture_default_str();
  calibrate->add_option("--knots", s->knots, "Knots of the smooth curve's spline")
      ->check(CLI::Range(3, 7))
      ->capture_default_str();
  calibrate->footer(
      "Example: gliocast survival calibrate new.csv --time time --event status --model model.json --times 365,730 "
      "--figure calibration.pdf");
  calibrate->callback([s, &result] { run_calibrate(*s), result = 0; });

  auto t = std::make_shared<Settings>();
  auto* roc = survival.add_subcommand("timeroc",
                                      "Time-dependent ROC curve and AUC with its interval, of scores or of a model; "
                                      "scores are compared with the first");
  t->verb = "timeroc";
  add_prediction_options(*roc, *t);
  roc->add_option("--score", t->scores, "Columns of scores (higher = higher risk) instead of a model");
  roc->footer(
      "Example: gliocast survival timeroc lung.csv --time time --event status --score age --times 180,365 --figure "
      "roc.pdf");
  roc->callback([t, &result] { run_timeroc(*t), result = 0; });

  auto u = std::make_shared<Settings>();
  auto* decision = survival.add_subcommand(
      "decision", "Decision curves: net benefit of treating by the model's risk at given times");
  u->verb = "decision";
  add_prediction_options(*decision, *u);
  decision->footer(
      "Example: gliocast survival decision new.csv --time time --event status --model model.json --times 365 --figure "
      "decision.pdf");
  decision->callback([u, &result] { run_decision(*u), result = 0; });

  auto v = std::make_shared<Settings>();
  auto* validate = survival.add_subcommand(
      "validate", "Bootstrap correction of a Cox model's concordance and calibration slope for optimism");
  add_statistics_options(*validate, v->common, true);
  validate->add_option("--formula", v->formula, "Right side of an R formula")->required();
  validate->add_option("--ties", v->ties, "Tied event times")
      ->check(CLI::IsMember({"efron", "breslow"}))
      ->capture_default_str();
  validate->add_option("--cluster", v->common.outcome.cluster,
                       "Column that names the subject of several rows; subjects are drawn");
  validate->add_option("--weights", v->common.outcome.weights, "Column of case weights");
  validate->add_option("--draws", v->draws, "Bootstrap samples")->check(CLI::Range(10, 100000))->capture_default_str();
  validate->add_option("--seed", v->seed, "Seed: the same seed gives the same numbers")->capture_default_str();
  validate->footer(
      "Example: gliocast survival validate lung.csv --time time --event status --formula \"age + sex + ph.ecog\"\nOnly "
      "the fit is repeated in each sample; a selection of terms made before is not undone.");
  validate->callback([v, &result] { run_validate(*v), result = 0; });
}

}  // namespace gliocast::cli
