// gliocast survival characteristics: Table 1.
#include "../verbs.hpp"
#include "survival_commands.hpp"

#include <gliocast/analysis/survival_characteristics.hpp>

#include <memory>

namespace gliocast::cli {
namespace {

struct Settings {
  StatisticsArguments common;
  analysis::CharacteristicsOptions options;
};

void run_characteristics(const Settings& s) {
  auto o = s.options;
  o.outcome = {s.common.outcome.time, s.common.outcome.event};
  emit(s.common, analysis::characteristics(load_table(s.common), o));
}

}  // namespace

void add_survival_characteristics(CLI::App& survival, int& result) {
  auto t = std::make_shared<Settings>();
  auto* table1 = &add_verb(survival, "survival characteristics");
  add_statistics_options(*table1, t->common, true);
  table1->get_option("--time")->required(false);
  table1->get_option("--event")->required(false);
  table1->add_option("--group", t->options.group, "Column of groups");
  table1
      ->add_option("--columns", t->options.columns,
                   "Columns to describe; default: all but outcome, group, and text with over 20 values")
      ->delimiter(',');
  when_chosen(*table1, result, [t] { run_characteristics(*t); });
}

}  // namespace gliocast::cli
