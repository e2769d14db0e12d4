// gliocast survival calibrate, external, timeroc, decision, validate: how good predictions are.
#include "../verbs.hpp"
#include "result_folder.hpp"
#include "survival_commands.hpp"

#include <gliocast/analysis/signature_external.hpp>
#include <gliocast/analysis/survival_external.hpp>
#include <gliocast/analysis/survival_performance.hpp>
#include <gliocast/core/error.hpp>
#include <gliocast/models/bundle.hpp>
#include <gliocast/report/figure.hpp>

#include <memory>

namespace gliocast::cli {
namespace {

struct Settings {
  StatisticsArguments common;
  std::filesystem::path model, decision_figure;
  std::string formula, ties = "efron", recalibrate = "none";
  std::vector<std::string> scores;
  std::vector<double> times;
  std::size_t groups = 5, knots = 3;
  stats::ResamplingOptions resampling{.progress = "bootstrap"};
};

analysis::JudgedModel judged(const Settings& s) {
  analysis::JudgedModel model{{}, s.formula};
  if (!s.model.empty()) model.saved = load_model(s.model);
  return model;
}

void run_calibrate(const Settings& s) {
  const auto table = load_table(s.common);
  emit(s.common, analysis::calibrate(table, {s.common.outcome, judged(s), s.times, s.groups, s.knots, s.common.level}));
}

analysis::Recalibration recalibration_of(const std::string& name) {
  if (name == "baseline") return analysis::Recalibration::Baseline;
  return name == "slope" ? analysis::Recalibration::Slope : analysis::Recalibration::None;
}

/// The model of --model; a signature's reads a column that `table` is given.
analysis::SavedModel model_for(const Settings& s, stats::DataFrame& table, std::vector<std::string>& notes) {
  require_model(s.model, "--model");
  const auto place = find_model(s.model, "survival cox --save or signature train");
  const auto kind = models::kind_of_bundle(place);
  if (kind == models::Kind::FusedSignature)
    throw Error(ExitCode::WrongUse, "a signature that reads images cannot be applied to a table", s.model.string(),
                "gliocast study predict writes its column for a cohort; judge that with gliocast survival cindex");
  if (kind != models::Kind::Signature) return load_model(s.model);
  auto with = analysis::with_signature(std::move(table), analysis::read_data_dictionary(s.common.table),
                                       signature::read_signature(place));
  table = std::move(with.table);
  notes = std::move(with.notes);
  return {std::move(with.model), s.model};
}

void run_external(const Settings& s) {
  keep_apart({s.common.table, s.model}, {s.common.out, s.common.figure, s.decision_figure});
  auto table = load_table(s.common);
  std::vector<std::string> notes;
  const auto model = model_for(s, table, notes);
  auto output = analysis::external_validation(
      table, {s.common.outcome, model, s.times, recalibration_of(s.recalibrate), s.groups, s.knots, s.common.level});
  output.notes.insert(output.notes.begin(), notes.begin(), notes.end());
  emit(s.common, output);
  if (!s.decision_figure.empty()) report::draw(s.decision_figure, output.decision.front());
}

void run_timeroc(const Settings& s) {
  const auto table = load_table(s.common);
  const auto model = s.scores.empty() ? judged(s) : analysis::JudgedModel{};
  emit(s.common, analysis::time_roc(table, {s.common.outcome, s.scores, model, s.times, s.common.level}));
}

void run_decision(const Settings& s) {
  const auto table = load_table(s.common);
  emit(s.common, analysis::decision_curves(table, {s.common.outcome, judged(s), s.times, s.common.level}));
}

void run_validate(const Settings& s) {
  survival::CoxOptions fit;
  fit.ties = analysis::ties_of(s.ties);
  emit(s.common, analysis::validate(load_table(s.common), {s.common.outcome, s.formula, fit, s.resampling}));
}

void add_times(CLI::App& verb, Settings& s) {
  verb.add_option("--times", s.times, "Times, in the model's unit")
      ->delimiter(',')
      ->required()
      ->check(positive_number());
}

void add_prediction_options(CLI::App& verb, Settings& s) {
  add_statistics_options(verb, s.common, true);
  add_figure_option(verb, s.common);
  verb.add_option("--model", s.model, "Model of gliocast survival cox --save");
  verb.add_option("--formula", s.formula, "Or: fit this model to the table itself (apparent performance)");
  add_times(verb, s);
}

void add_calibration_options(CLI::App& verb, Settings& s) {
  verb.add_option("--groups", s.groups, "Groups by quantiles of the prediction")
      ->check(CLI::Range(2, 50))
      ->capture_default_str();
  verb.add_option("--knots", s.knots, "Knots of the smooth curve's spline")
      ->check(CLI::Range(3, 7))
      ->capture_default_str();
}

void add_external(CLI::App& survival, int& result) {
  auto s = std::make_shared<Settings>();
  auto* verb = &add_verb(survival, "survival external");
  add_statistics_options(*verb, s->common, true);
  verb->add_option("--model", s->model,
                   "Model of gliocast survival cox or penalised --save, or the bundle of gliocast "
                   "signature train (TABLE then has its features)")
      ->required();
  add_times(*verb, *s);
  verb->add_option("--recalibrate", s->recalibrate,
                   "Judge the model once more after fitting to this table: baseline = the baseline hazard, slope = "
                   "that and one factor of all coefficients")
      ->check(CLI::IsMember({"none", "baseline", "slope"}))
      ->capture_default_str();
  add_calibration_options(*verb, *s);
  add_figure_option(*verb, s->common);
  verb->add_option("--decision-figure", s->decision_figure, "Draw the decision curves to this file: .svg, .pdf or .png")
      ->check(known_figure_ending);
  when_chosen(*verb, result, [s] { run_external(*s); });
}

}  // namespace

void add_survival_performance(CLI::App& survival, int& result) {
  auto s = std::make_shared<Settings>();
  auto* calibrate = &add_verb(survival, "survival calibrate");
  add_prediction_options(*calibrate, *s);
  add_calibration_options(*calibrate, *s);
  when_chosen(*calibrate, result, [s] { run_calibrate(*s); });
  add_external(survival, result);

  auto t = std::make_shared<Settings>();
  auto* roc = &add_verb(survival, "survival timeroc");
  add_prediction_options(*roc, *t);
  roc->add_option("--score", t->scores, "Columns of scores (higher = higher risk) instead of a model");
  when_chosen(*roc, result, [t] { run_timeroc(*t); });

  auto u = std::make_shared<Settings>();
  auto* decision = &add_verb(survival, "survival decision");
  add_prediction_options(*decision, *u);
  when_chosen(*decision, result, [u] { run_decision(*u); });

  auto v = std::make_shared<Settings>();
  auto* validate = &add_verb(survival, "survival validate");
  add_statistics_options(*validate, v->common, true);
  validate->add_option("--formula", v->formula, "Right side of an R formula")->required();
  validate->add_option("--ties", v->ties, "Tied event times")
      ->check(CLI::IsMember({"efron", "breslow"}))
      ->capture_default_str();
  validate->add_option("--cluster", v->common.outcome.cluster,
                       "Column that names the subject of several rows; subjects are drawn");
  validate->add_option("--weights", v->common.outcome.weights, "Column of case weights");
  validate->add_option("--draws", v->resampling.draws, "Bootstrap samples")
      ->check(CLI::Range(10, 100000))
      ->capture_default_str();
  add_resampling_options(*validate, v->resampling, "Seed: the same seed gives the same numbers");
  when_chosen(*validate, result, [v] { run_validate(*v); });
}

}  // namespace gliocast::cli
