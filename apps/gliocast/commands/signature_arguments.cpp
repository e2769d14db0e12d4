#include "signature_arguments.hpp"

#include "result_folder.hpp"

#include <gliocast/core/table.hpp>
#include <gliocast/report/signature_files.hpp>
#include <gliocast/signature/specification_file.hpp>

#include <algorithm>
#include <cstdio>

namespace gliocast::cli {

void add_signature_options(CLI::App& verb, SignatureArguments& s, const std::string& preset_help) {
  auto* preset = verb.add_option("--preset", s.preset, preset_help)->capture_default_str();
  verb.add_option("--chain", s.chain,
                  "YAML file of the signature's options, in place of a preset (gliocast signature train --print-chain "
                  "prints one)")
      ->check(CLI::ExistingFile)
      ->excludes(preset);
  verb.add_option("--inner", s.inner, "Folds within, of alpha, lambda and the held-out signature; default: the chain's")
      ->check(CLI::Range(3, 100));
  verb.add_option("--seed", s.seed, "Seed of folds, forests and bootstraps")
      ->check(not_negative_number())
      ->capture_default_str();
  verb.add_flag("--overwrite", s.existing.overwrite, "Replace what is in the output folder");
}

void add_print_chain(CLI::App& verb, SignatureArguments& s) {
  verb.add_flag("--print-chain", s.print_chain, "Print all options of the signature as YAML, and end");
}

void add_name_option(CLI::App& verb, SignatureArguments& s) {
  verb.add_option("--name", s.name, "Name of the model; default: that of the folder");
}

CLI::Option* add_times_option(CLI::App& verb, SignatureArguments& s, const std::string& help) {
  return verb.add_option("--times", s.times, help)
      ->delimiter(',')
      ->allow_extra_args(false)
      ->check(not_negative_number());
}

void add_level_options(CLI::App& verb, double& level, bool& json) {
  verb.add_option("--level", level, "Coverage of intervals")->check(CLI::Range(0.5, 0.9999))->capture_default_str();
  verb.add_flag("--json", json, "Print JSON on standard output");
}

void add_nomogram_options(CLI::App& verb, SignatureArguments& s, const std::string& unit_help) {
  add_terms_option(verb, "--factors", s.study.comparison.nomogram.candidates,
                   "Clinical candidates of the nomograms: columns of the table of survival, or terms such as "
                   "factor(grade) or rcs(age, 4); default: age, sex, location, grade, laterality, histology, "
                   "enhancement, as far as it has them");
  verb.add_option("--drop-rule", s.drop_rule,
                  "When a factor stays: lrt = likelihood ratio test of the whole factor, paper = any level has P <= "
                  "0.05")
      ->check(CLI::IsMember({"lrt", "paper"}))
      ->capture_default_str();
  verb.add_option("--unit", s.study.unit, unit_help)->capture_default_str();
}

void add_evaluation_options(CLI::App& verb, SignatureArguments& s) {
  verb.add_option("--out,-o", s.out, "Folder to write: tables, figures, predictions, evaluation.json");
  add_figure_kinds(verb, s.figures);
  verb.add_option("--outer", s.evaluation.folds, "Outer folds")->check(CLI::Range(2, 1000))->capture_default_str();
  verb.add_option("--repeats", s.evaluation.repeats, "Repeats of the cross-validation, folds dealt anew")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  add_times_option(verb, s, "Times at which survival is predicted and judged, e.g. 12,36,60");
  verb.add_flag("--permute-outcome", s.permute_outcome,
                "Shuffle times and events among the patients first: what does not leak is at chance");
  verb.add_option("--draws", s.draws, "Draws of the bootstrap over patients, for intervals")
      ->check(CLI::Range(100, 1000000))
      ->capture_default_str();
  auto* nomograms = verb.add_flag("--nomograms", s.nomograms,
                                  "The clinical and the integrated nomogram too, chosen and fitted in the same folds, "
                                  "to OUT/nomograms");
  add_nomogram_options(verb, s, "Name of the unit of time for labels of the nomograms");
  for (const char* option : {"--factors", "--drop-rule", "--unit"}) verb.get_option(option)->needs(nomograms);
  add_level_options(verb, s.level, s.json);
}

signature::SignatureSpecification specification_of(const SignatureArguments& s, const std::string& text) {
  return signature::named_specification(text, s.inner);
}

signature::SignatureSpecification specification_of(const SignatureArguments& s) {
  if (s.chain.empty()) (void)signature::preset_specification(s.preset);  // no file by a preset's option
  return specification_of(s, s.chain.empty() ? s.preset : s.chain);
}

bool printed_chain(const SignatureArguments& s) {
  if (!s.print_chain) return false;
  std::fputs(signature::to_yaml(specification_of(s)).c_str(), stdout);
  return true;
}

std::string name_of(const SignatureArguments& s) { return s.name.empty() ? s.out.filename().string() : s.name; }

analysis::NomogramStudyOptions nomogram_options(const SignatureArguments& s) {
  auto study = s.study;
  study.comparison.nomogram.rule = survival::drop_rule_of(s.drop_rule);
  return study;
}

analysis::SignatureEvaluationOptions evaluation_options(const SignatureArguments& s, std::size_t threads) {
  analysis::SignatureEvaluationOptions o{specification_of(s), s.evaluation, s.permute_outcome, s.draws, s.level};
  o.evaluation.seed = s.seed;
  o.evaluation.threads = threads;
  o.evaluation.times = s.times;
  if (s.nomograms) o.nomograms = nomogram_options(s);
  return o;
}

void write_evaluation(const SignatureArguments& s, analysis::SignatureEvaluationResults& e) {
  print_notes(report::write_evaluation(s.out, e, s.figures), false);
}

void tell_evaluation(const SignatureArguments& s, const analysis::SignatureEvaluationResults& e, bool quiet) {
  print_notes(e.notes, quiet);
  print_notes({"tables, figures and evaluation.json are in " + s.out.string() + "; README.md there says what is where",
               "no model is written: gliocast signature train fits the signature for new patients"},
              quiet);
  if (s.json)
    print_json(e.json);
  else
    std::fputs(format_table(e.metrics, '\t').c_str(), stdout);
}

}  // namespace gliocast::cli
