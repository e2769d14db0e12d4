// gliocast combat: features of several scanners or centres, harmonised.
#include "../verbs.hpp"
#include "commands.hpp"
#include "statistics_output.hpp"

#include <gliocast/analysis/data_dictionary.hpp>
#include <gliocast/analysis/harmonise.hpp>
#include <gliocast/core/error.hpp>
#include <gliocast/core/table.hpp>
#include <gliocast/report/table_file.hpp>

#include <cstdio>
#include <memory>

namespace gliocast::cli {
namespace {

struct Settings {
  StatisticsArguments common;
  std::filesystem::path save, model;
  analysis::HarmoniseOptions options;
  bool without_empirical_bayes = false;
};

void run_combat(Settings& s) {
  keep_apart({s.common.table}, {s.common.out, s.save});
  const auto text = read_table(s.common.table);
  const auto table = load_table(s.common);
  s.options.combat.empirical_bayes = !s.without_empirical_bayes;
  if (s.model.empty() && s.options.batch.empty())
    throw Error(ExitCode::WrongUse, "--batch is required", "", "or --model, for rows that a saved model harmonises");
  const auto out = s.model.empty() ? analysis::harmonise(text, table, s.options)
                                   : analysis::harmonise_by(text, table, analysis::read_harmonisation(s.model));
  report::write_table_file(s.common.out, out.table);
  // Harmonised features are still those of the network that made them.
  if (const auto dictionary = analysis::read_data_dictionary(s.common.table); !dictionary.empty())
    analysis::write_data_dictionary(s.common.out, dictionary);
  if (!s.save.empty()) analysis::write_harmonisation(s.save, out.harmonisation);
  print_notes(out.notes, s.common.quiet);
}

}  // namespace

void add_combat(CLI::App& app, int& result) {
  auto s = std::make_shared<Settings>();
  auto* verb = &add_verb(app, "combat");
  auto& o = s->options;
  verb->add_option("TABLE", s->common.table, "Table of features with a header line, a row an examination")->required();
  add_missing_option(*verb, s->common);
  auto* batch = verb->add_option("--batch", o.batch, "Column of the scanner or centre");
  verb->add_option("--keep", o.keep, "Columns whose effect on the features stays, e.g. --keep age,grade")
      ->delimiter(',')
      ->allow_extra_args(false);
  verb->add_option("--drop", o.drop, "Columns of numbers that are no features: they stay as they are")
      ->delimiter(',')
      ->allow_extra_args(false);
  verb->add_option("--reference", o.combat.reference,
                   "Batch to whose scale the others are taken; it stays as it is, and new centres can join");
  verb->add_flag("--mean-only", o.combat.mean_only, "Shifts only, no scales");
  verb->add_flag("--no-empirical-bayes", s->without_empirical_bayes, "Each feature by itself");
  verb->add_option("--out,-o", s->common.out, "The table with harmonised features: .tsv, .csv")
      ->required()
      ->check(known_table_ending);
  verb->add_option("--save", s->save, "Folder to save the fitted model in, for rows of later");
  verb->add_option("--model", s->model, "Harmonise by a saved model, fit nothing")->excludes(batch);
  verb->add_flag("--quiet,-q", s->common.quiet, "No notes on standard error but warnings");
  when_chosen(*verb, result, [s] { run_combat(*s); });
}

}  // namespace gliocast::cli
