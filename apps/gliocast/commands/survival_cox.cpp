// gliocast survival cox, zph, predict: Cox models.
#include "../verbs.hpp"
#include "survival_commands.hpp"

#include <gliocast/analysis/survival_cox.hpp>
#include <gliocast/core/table.hpp>
#include <gliocast/report/table_file.hpp>
#include <gliocast/survival/cox_model_file.hpp>

#include <memory>

namespace gliocast::cli {
namespace {

struct Settings {
  StatisticsArguments common;
  std::string formula, ties = "efron", transform = "km", select = "none";
  std::filesystem::path save, model, residuals_out;
  std::vector<double> times;
  std::string id;
  bool robust = false, univariate = false;
  double p = 0.05;
};

survival::CoxOptions fit_options(const Settings& s) {
  survival::CoxOptions o;
  o.ties = analysis::ties_of(s.ties);
  o.robust = s.robust;
  return o;
}

void run_cox(const Settings& s) {
  analysis::CoxOptions o{s.common.outcome, s.formula, fit_options(s)};
  o.univariate = s.univariate;
  if (s.select != "none") o.select = survival::drop_rule_of(s.select);
  o.p = s.p;
  o.level = s.common.level;
  const auto output = analysis::cox(load_table(s.common), o);
  if (!s.save.empty()) survival::write_cox_model(s.save, output.analysis.model);
  if (!s.residuals_out.empty()) report::write_table_file(s.residuals_out, analysis::residuals_table(output.analysis));
  emit(s.common, output);
}

survival::TimeTransform transform_of(const std::string& name) {
  if (name == "km") return survival::TimeTransform::KaplanMeier;
  if (name == "identity") return survival::TimeTransform::Identity;
  return name == "log" ? survival::TimeTransform::Log : survival::TimeTransform::Rank;
}

void run_zph(const Settings& s) {
  emit(s.common, analysis::proportional_hazards(
                     load_table(s.common), {s.common.outcome, s.formula, fit_options(s), transform_of(s.transform)}));
}

void run_predict(const Settings& s) {
  const auto model = load_model(s.model);
  emit(s.common, analysis::predict_survival(load_table(s.common), model, {s.times, s.id, s.common.level}));
}

void add_model_options(CLI::App& verb, Settings& s) {
  add_statistics_options(verb, s.common, true);
  verb.add_option(
          "--formula", s.formula,
          "Right side of an R formula: age + sex * grade + rcs(age, 4) + log(volume) + strata(centre) + offset(x)")
      ->required();
  verb.add_option("--ties", s.ties, "Tied event times")
      ->check(CLI::IsMember({"efron", "breslow", "exact"}))
      ->capture_default_str();
  verb.add_option("--weights", s.common.outcome.weights, "Column of case weights");
  verb.add_option("--cluster", s.common.outcome.cluster,
                  "Column that names the subject of several rows; gives the robust variance");
  verb.add_option("--entry", s.common.outcome.entry,
                  "Column of the time at which observation starts (start-stop data)");
  verb.add_flag("--robust", s.robust, "Robust (sandwich) variance also without clusters");
}

}  // namespace

void add_survival_cox(CLI::App& survival, int& result) {
  auto s = std::make_shared<Settings>();
  auto* cox = &add_verb(survival, "survival cox");
  add_model_options(*cox, *s);
  add_figure_option(*cox, s->common);
  cox->add_option("--save", s->save, "Save the fitted model (JSON) for predict and nomogram");
  cox->add_option("--residuals", s->residuals_out, "Table of martingale, deviance, dfbeta and Schoenfeld residuals")
      ->check(known_table_ending);
  cox->add_flag("--univariate", s->univariate, "Also a model of each term alone");
  cox->add_option("--select", s->select,
                  "Keep terms significant alone, then together, refit: lrt = likelihood ratio test of the whole "
                  "factor, paper = a factor stays if any level has P <= 0.05")
      ->check(CLI::IsMember({"none", "lrt", "paper"}))
      ->capture_default_str();
  cox->add_option("--p", s->p, "Significance for --select")->check(CLI::Range(0.0001, 0.9999))->capture_default_str();
  when_chosen(*cox, result, [s] { run_cox(*s); });

  auto t = std::make_shared<Settings>();
  auto* zph = &add_verb(survival, "survival zph");
  add_model_options(*zph, *t);
  zph->add_option("--transform", t->transform, "Transform of time")
      ->check(CLI::IsMember({"km", "identity", "log", "rank"}))
      ->capture_default_str();
  when_chosen(*zph, result, [t] { run_zph(*t); });

  auto u = std::make_shared<Settings>();
  auto* predict = &add_verb(survival, "survival predict");
  add_statistics_options(*predict, u->common, false);
  predict->add_option("--model", u->model, "Model of gliocast survival cox --save")->required();
  predict->add_option("--times", u->times, "Times at which survival is given, in the model's unit")
      ->delimiter(',')
      ->required();
  predict->add_option("--id", u->id, "Column to carry over into the output");
  when_chosen(*predict, result, [u] { run_predict(*u); });
}

}  // namespace gliocast::cli
