// gliocast survival reclassify: what a second model's risks add, by NRI and IDI at given times.
#include "../verbs.hpp"
#include "survival_commands.hpp"

#include <gliocast/analysis/survival_reclassify.hpp>

#include <memory>

namespace gliocast::cli {
namespace {

struct Settings {
  StatisticsArguments common;
  std::filesystem::path model, model_against;
  analysis::ReclassificationOptions options;
};

void run_reclassify(const Settings& s) {
  auto o = s.options;
  o.outcome = s.common.outcome;
  o.level = s.common.level;
  o.resampling.progress = "bootstrap";
  const auto table = load_table(s.common);
  if (!s.model.empty()) o.model = load_model(s.model);
  if (!s.model_against.empty()) o.against_model = load_model(s.model_against, "--against-model");
  emit(s.common, analysis::reclassify(table, o));
}

}  // namespace

void add_survival_reclassify(CLI::App& survival, int& result) {
  auto s = std::make_shared<Settings>();
  auto* verb = &add_verb(survival, "survival reclassify");
  add_statistics_options(*verb, s->common, true);
  verb->add_option("--formula", s->options.formula, "The model that should be better, fitted to the table itself");
  verb->add_option("--against", s->options.against, "The model it is held against");
  verb->add_option("--model", s->model, "Or: a saved model (gliocast survival cox --save)");
  verb->add_option("--against-model", s->model_against, "and the saved model it is held against");
  verb->add_option("--times", s->options.times, "Times, in the table's unit")
      ->delimiter(',')
      ->required()
      ->check(positive_number());
  verb->add_option("--cuts", s->options.cuts, "Risks between the categories of a categorical NRI, e.g. 0.2,0.5")
      ->delimiter(',');
  verb->add_option("--draws", s->options.resampling.draws, "Bootstrap samples for the intervals of fitted models")
      ->check(CLI::Range(10, 100000))
      ->capture_default_str();
  add_resampling_options(*verb, s->options.resampling, "Seed: the same seed gives the same numbers");
  when_chosen(*verb, result, [s] { run_reclassify(*s); });
}

}  // namespace gliocast::cli
