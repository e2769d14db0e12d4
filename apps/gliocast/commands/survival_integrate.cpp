// gliocast survival integrate: clinical and integrated nomogram, and what the signature's risk group adds.
#include "../verbs.hpp"
#include "result_folder.hpp"
#include "survival_commands.hpp"

#include <gliocast/analysis/signature_nomograms.hpp>
#include <gliocast/core/error.hpp>
#include <gliocast/core/files.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/report/signature_files.hpp>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <optional>

namespace gliocast::cli {
namespace {

namespace fs = std::filesystem;

struct Settings {
  StatisticsArguments common;  // its `out` is not used: the output is a folder
  fs::path external, out;
  Existing existing;
  analysis::IntegrateOptions options;
  std::string cut = "median", rule = "lrt";
  std::vector<std::string> figures{"svg"};
};

std::optional<double> cut_of(const std::string& text) {
  if (text == "median") return std::nullopt;
  const auto value = parse_number(text);
  if (!value) throw Error(ExitCode::WrongUse, "a cut is a number or median, not \"" + text + "\"", "--cut");
  return value;
}

void run_integrate(const Settings& s) {
  auto o = s.options;
  o.cut = cut_of(s.cut);
  o.study.outcome = s.common.outcome;
  auto& comparison = o.study.comparison;
  comparison.level = s.common.level;
  comparison.nomogram.rule = survival::drop_rule_of(s.rule);
  comparison.resampling.progress = "bootstrap";
  std::ranges::sort(comparison.times);
  const auto table = load_table(s.common);
  std::optional<stats::DataFrame> external;
  if (!s.external.empty()) external = load_table(s.common, s.external);
  const OutputFolder folder(s.out, s.existing);
  const auto study = analysis::integrate_signature(table, external ? &*external : nullptr, o);
  print_notes(report::write_nomograms(s.out, study, s.figures), false);
  write_json(s.out / "integrate.json", study.json);
  print_notes(study.notes, s.common.quiet);
  print_notes({"tables, figures, models and integrate.json are in " + s.out.string()}, s.common.quiet);
  if (s.common.json) {
    print_json(study.json);
    return;
  }
  for (const auto& [name, result] : study.tables)
    if (name == "performance") std::fputs(format_table(result, '\t').c_str(), stdout);
}

void add_group_options(CLI::App& verb, Settings& s) {
  auto& o = s.options;
  verb.add_option("--signature", o.signature, "Column of the signature: numbers that are cut, or text with two levels")
      ->required();
  verb.add_option("--cut", s.cut, "Where numbers are cut: a number, or median (of the training rows)")
      ->capture_default_str();
  verb.add_option("--high-risk", o.high_risk,
                  "Which side is high risk: below (default) or above the cut; of text the level, default high, poor or "
                  "unfavourable");
}

void add_model_options(CLI::App& verb, Settings& s) {
  auto& comparison = s.options.study.comparison;
  add_terms_option(verb, "--factors", comparison.nomogram.candidates,
                   "Clinical candidates: columns, or terms such as factor(grade) or rcs(age, 4); default: age, sex, "
                   "location, grade, laterality, histology, enhancement, as far as the table has them");
  verb.add_option("--drop-rule", s.rule,
                  "When a factor stays: lrt = likelihood ratio test of the whole factor, paper = any level has P <= "
                  "--p")
      ->check(CLI::IsMember({"lrt", "paper"}))
      ->capture_default_str();
  verb.add_option("--p", comparison.nomogram.p, "Significance, alone and together")
      ->check(CLI::Range(0.0001, 0.9999))
      ->capture_default_str();
  verb.add_option("--cluster", s.common.outcome.cluster,
                  "Column of the patient, where one has several rows: they never part");
}

void add_comparison_options(CLI::App& verb, Settings& s) {
  auto& study = s.options.study;
  verb.add_option("--external", s.external, "A second table with the same columns, on which the models are compared");
  verb.add_option("--times", study.comparison.times, "Times of the nomograms and scores, in the table's unit")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->check(positive_number())
      ->default_str("12,36,60");
  verb.add_option("--unit", study.unit, "Name of the unit of time for labels")->capture_default_str();
  verb.add_option("--folds", s.options.folds, "Folds of the cross-validation, without --external")
      ->check(CLI::Range(2, 1000))
      ->capture_default_str();
  verb.add_option("--repeats", s.options.repeats, "Repeats of the cross-validation, folds dealt anew")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  verb.add_option("--groups", study.groups, "Groups of the calibration, by quantiles of the prediction")
      ->check(CLI::Range(2, 50))
      ->capture_default_str();
  verb.add_option("--draws", study.comparison.resampling.draws, "Bootstrap draws of patients, for intervals over folds")
      ->check(CLI::Range(100, 100000))
      ->capture_default_str();
  add_resampling_options(verb, study.comparison.resampling, "Seed of folds and draws");
}

}  // namespace

void add_survival_integrate(CLI::App& survival, int& result) {
  auto s = std::make_shared<Settings>();
  auto* verb = &add_verb(survival, "survival integrate");
  add_table_options(*verb, s->common, true);
  add_group_options(*verb, *s);
  add_model_options(*verb, *s);
  add_comparison_options(*verb, *s);
  verb->add_option("--out,-o", s->out, "Folder to write")->required();
  add_figure_kinds(*verb, s->figures);
  verb->add_flag("--overwrite", s->existing.overwrite, "Replace what is in the output folder");
  verb->add_flag("--json", s->common.json, "Print JSON on standard output");
  verb->add_flag("--quiet,-q", s->common.quiet, "No notes on standard error but warnings");
  when_chosen(*verb, result, [s] { run_integrate(*s); });
}

}  // namespace gliocast::cli
