// gliocast survival cutpoint: the cut, or the two cuts, of a value that separate survival best.
#include "../verbs.hpp"
#include "survival_commands.hpp"

#include <gliocast/analysis/survival_cutpoint.hpp>

#include <memory>

namespace gliocast::cli {
namespace {

struct Settings {
  StatisticsArguments common;
  std::filesystem::path validation;
  analysis::CutPointOptions options;
};

void run_cutpoint(const Settings& s) {
  auto o = s.options;
  o.outcome = s.common.outcome;
  o.permutations.progress = "permutations";
  const auto table = load_table(s.common);
  if (!s.validation.empty()) o.validation = load_table(s.common, s.validation);
  emit(s.common, analysis::cut_point(table, o));
}

}  // namespace

void add_survival_cutpoint(CLI::App& survival, int& result) {
  auto s = std::make_shared<Settings>();
  auto* cut = &add_verb(survival, "survival cutpoint");
  add_statistics_options(*cut, s->common, true);
  add_figure_option(*cut, s->common);
  cut->add_option("--value", s->options.value, "Column to cut; rows with a value up to the cut are the low group")
      ->required();
  cut->add_option("--cuts", s->options.cuts, "1: low and high group; 2: low, middle and high")
      ->check(CLI::Range(1, 2))
      ->capture_default_str();
  cut->add_option("--least", s->options.least, "Least share of rows in each group")
      ->check(CLI::Range(0.01, 0.49))
      ->capture_default_str();
  cut->add_option("--validation", s->validation, "A second table with the same columns on which the cuts are tried");
  cut->add_option("--permutations", s->options.permutations.draws,
                  "With --cuts 2: permutations that correct P for the search")
      ->check(CLI::Range(100, 1000000))
      ->capture_default_str();
  add_resampling_options(*cut, s->options.permutations, "With --cuts 2: the same seed gives the same P");
  when_chosen(*cut, result, [s] { run_cutpoint(*s); });
}

}  // namespace gliocast::cli
