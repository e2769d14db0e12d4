// gliocast survival cindex, compare: how well a score or model orders survival.
#include "../verbs.hpp"
#include "survival_commands.hpp"

#include <gliocast/analysis/survival_scores.hpp>

#include <memory>

namespace gliocast::cli {
namespace {

struct Settings {
  StatisticsArguments common;
  std::string score, against, method = "harrell", formula, formula_against;
  std::filesystem::path model, model_against;
  std::optional<double> until;
};

survival::ConcordanceOptions concordance_options(const Settings& s) {
  return {s.method == "uno" ? survival::ConcordanceWeight::Uno : survival::ConcordanceWeight::Harrell, s.common.level,
          s.until};
}

void run_cindex(const Settings& s) {
  emit(s.common,
       analysis::concordance(load_table(s.common), {s.common.outcome, s.score, s.against, concordance_options(s)}));
}

void run_compare(const Settings& s) {
  analysis::ModelComparisonOptions o{s.common.outcome, s.formula, s.formula_against, concordance_options(s)};
  if (!s.model.empty()) o.saved = load_model(s.model);
  if (!s.model_against.empty()) o.saved_against = load_model(s.model_against, "--against-model");
  emit(s.common, analysis::compare_models(load_table(s.common), o));
}

void add_method_options(CLI::App& verb, Settings& s) {
  verb.add_option("--method", s.method,
                  "Harrell's C, or Uno's (pairs weighted by the inverse squared chance of not being censored)")
      ->check(CLI::IsMember({"harrell", "uno"}))
      ->capture_default_str();
  verb.add_option("--until", s.until, "Leave out pairs whose earlier event is later than this time");
  verb.add_option("--weights", s.common.outcome.weights, "Column of case weights");
}

}  // namespace

void add_survival_scores(CLI::App& survival, int& result) {
  auto s = std::make_shared<Settings>();
  auto* cindex = &add_verb(survival, "survival cindex");
  add_statistics_options(*cindex, s->common, true);
  cindex->add_option("--score", s->score, "Column of the score; higher = higher risk")->required();
  cindex->add_option("--against", s->against, "A second score of the same rows");
  cindex->add_option("--cluster", s->common.outcome.cluster, "Column that names the subject of several rows");
  cindex->add_option("--entry", s->common.outcome.entry, "Column of the time at which observation starts");
  add_method_options(*cindex, *s);
  when_chosen(*cindex, result, [s] { run_cindex(*s); });

  auto t = std::make_shared<Settings>();
  auto* compare = &add_verb(survival, "survival compare");
  add_statistics_options(*compare, t->common, true);
  compare->add_option("--formula", t->formula, "First model, fitted to the table");
  compare->add_option("--against,--formula2", t->formula_against, "Second model, fitted to the table");
  compare->add_option("--model", t->model, "Or: a model of gliocast survival cox or penalised --save, as it is");
  compare->add_option("--against-model", t->model_against, "The saved model that it stands against");
  add_method_options(*compare, *t);
  when_chosen(*compare, result, [t] { run_compare(*t); });
}

}  // namespace gliocast::cli
