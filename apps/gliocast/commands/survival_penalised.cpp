// gliocast survival penalised: Cox models with the penalty of the elastic net.
#include "../verbs.hpp"
#include "survival_commands.hpp"

#include <gliocast/analysis/survival_penalised.hpp>
#include <gliocast/core/error.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/report/figure.hpp>
#include <gliocast/survival/cox_model_file.hpp>

#include <cmath>
#include <memory>

namespace gliocast::cli {
namespace {

struct Settings {
  StatisticsArguments common;
  analysis::PenalisedOptions options;
  std::string lambda = "min", ties = "breslow", measure = "partial-likelihood";
  std::vector<std::string> penalties;
  bool adaptive = false;
  double power = 1;
  std::filesystem::path save, cv_figure;
  stats::ResamplingOptions resampling;
};

void read_lambda(const Settings& s, analysis::PenalisedOptions& o) {
  o.within_error = s.lambda == "1se";
  if (s.lambda == "min" || s.lambda == "1se") return;
  o.lambda = parse_number(s.lambda);
  if (!o.lambda || !std::isfinite(*o.lambda) || *o.lambda < 0)
    throw Error(ExitCode::WrongUse, "\"" + s.lambda + "\" is no lambda: min, 1se or a number of 0 or more", "--lambda");
}

void read_penalties(const Settings& s, analysis::PenalisedOptions& o) {
  for (const auto& text : s.penalties) {
    const auto equals = text.rfind('=');
    const auto factor =
        equals == std::string::npos || equals == 0 ? std::nullopt : parse_number(text.substr(equals + 1));
    if (!factor || !std::isfinite(*factor) || *factor < 0)
      throw Error(ExitCode::WrongUse,
                  "a penalty is written term=factor with a factor of 0 or more, not \"" + text + "\"", "--penalty");
    o.penalties.emplace_back(text.substr(0, equals), *factor);
  }
}

void run(const Settings& s) {
  keep_apart({s.common.table}, {s.save, s.common.out, s.common.figure, s.cv_figure});
  auto o = s.options;
  o.outcome = s.common.outcome;
  read_lambda(s, o);
  read_penalties(s, o);
  if (s.adaptive) o.adaptive_power = s.power;
  if (o.lambda && !s.cv_figure.empty())
    throw Error(ExitCode::WrongUse, "with a given lambda there is no cross-validation to draw", "--cv-figure");
  o.ties = analysis::ties_of(s.ties);
  o.measure = s.measure == "deviance" ? learn::NetMeasure::Deviance : learn::NetMeasure::PartialLikelihood;
  o.seed = s.resampling.seed;
  o.threads = s.resampling.threads;
  const auto table = load_table(s.common);
  const auto output = analysis::penalised(table, o);
  emit(s.common, output);
  if (!s.cv_figure.empty()) report::draw(s.cv_figure, output.cross_validation.front());
  // Last: an empty selection is an answer, and no model.
  if (!s.save.empty()) survival::write_cox_model(s.save, analysis::penalised_model(table, output));
}

void add_columns(CLI::App& verb, Settings& s) {
  verb.add_option("--formula", s.options.formula,
                  "Predictors as the right side of an R formula; without it all other columns that hold numbers, but "
                  "ids and what numbers the rows");
  verb.add_option("--drop", s.options.drop, "Columns that are no predictors")->delimiter(',');
  verb.add_option("--strata", s.options.strata, "Column of strata, each with a baseline hazard of its own");
  verb.add_option("--offset", s.options.offset, "Column added to the linear predictor");
  verb.add_option("--weights", s.common.outcome.weights, "Column of case weights");
  verb.add_option("--entry", s.common.outcome.entry, "Column of the time at which observation starts");
  verb.add_option("--id", s.common.outcome.cluster, "Column of the patient: a patient's rows stay in one fold");
}

}  // namespace

void add_survival_penalised(CLI::App& survival, int& result) {
  auto s = std::make_shared<Settings>();
  auto* verb = &add_verb(survival, "survival penalised");
  add_statistics_options(*verb, s->common, true);
  add_columns(*verb, *s);
  verb->add_option("--alpha", s->options.alpha, "Share of the lasso in the penalty: 1 lasso, 0 ridge")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  verb->add_option("--lambda", s->lambda,
                   "Weight of the penalty: a number, or by cross-validation min (least deviance) or 1se (the largest "
                   "within one standard error of it)")
      ->capture_default_str();
  verb->add_option("--folds", s->options.folds, "Folds of the cross-validation")
      ->check(CLI::Range(3, 1000))
      ->capture_default_str();
  verb->add_option("--measure", s->measure,
                   "What a fold is judged by: partial-likelihood (of all rows less that of the rows outside, Verweij & "
                   "van Houwelingen) or deviance (of its own rows)")
      ->check(CLI::IsMember({"partial-likelihood", "deviance"}))
      ->capture_default_str();
  verb->add_option("--ties", s->ties, "Tied event times")
      ->check(CLI::IsMember({"breslow", "efron"}))
      ->capture_default_str();
  verb->add_option("--penalty", s->penalties,
                   "Factor of lambda of one term, e.g. --penalty age=0 (not penalised); may be repeated");
  auto* adaptive = verb->add_flag("--adaptive", s->adaptive,
                                  "Adaptive net: each term's factor of lambda once more over its |coefficient| of a "
                                  "ridge fit before, in the folds on the rows outside");
  verb->add_option("--adaptive-power", s->power, "Power of that coefficient")
      ->check(CLI::Range(0.1, 5.0))
      ->needs(adaptive)
      ->capture_default_str();
  add_resampling_options(*verb, s->resampling, "Seed of the folds: the same seed gives the same folds");
  verb->add_option("--save", s->save,
                   "Save the model (JSON) for predict, nomogram, calibrate, decision, external, compare");
  add_figure_option(*verb, s->common);
  verb->add_option("--cv-figure", s->cv_figure, "Draw the cross-validation to this file: .svg, .pdf or .png")
      ->check(known_figure_ending);
  when_chosen(*verb, result, [s] { run(*s); });
}

}  // namespace gliocast::cli
