// gliocast signature: from a table of features to a signature of survival.
#include "../cli.hpp"
#include "../verbs.hpp"
#include "commands.hpp"
#include "nomogram_files.hpp"
#include "result_folder.hpp"
#include "statistics_output.hpp"

#include <gliocast/analysis/signature_evaluation.hpp>
#include <gliocast/analysis/signature_model.hpp>
#include <gliocast/core/error.hpp>
#include <gliocast/core/files.hpp>
#include <gliocast/core/progress.hpp>
#include <gliocast/core/simulated.hpp>
#include <gliocast/report/table_file.hpp>

#include <cstdio>
#include <memory>
#include <optional>

namespace gliocast::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* kChainHelp =
    "YAML file of the signature's options, in place of a preset (--print-chain prints one)";

struct Settings {
  StatisticsArguments common;  // its `out` is of predict alone, its `outcome` the columns of time and event
  fs::path clinical, out, model, external, external_clinical;
  Existing existing;
  analysis::FeatureColumns columns;
  std::string preset = "default", chain, name;
  std::size_t inner = 0, draws = 1000;
  std::uint64_t seed = 1;
  std::size_t threads = 0;
  signature::EvaluationOptions evaluation;
  std::vector<double> times;
  std::vector<std::string> figures{"svg"};
  bool print_chain = false, permute_outcome = false, nomograms = false;
  std::string drop_rule = "lrt";
  analysis::NomogramStudyOptions study;
};

void tell(const Settings& s, const std::vector<std::string>& notes) { print_notes(notes, s.common.quiet); }

signature::SignatureSpecification specification_of(const Settings& s) {
  auto specification = s.chain.empty()
                           ? signature::preset_specification(s.preset)
                           : signature::parse_specification(read_text(s.chain), fs::path(s.chain).filename().string());
  if (s.inner > 0) specification.folds = s.inner;
  return specification;
}

bool printed_chain(const Settings& s) {
  if (!s.print_chain) return false;
  std::fputs(signature::to_yaml(specification_of(s)).c_str(), stdout);
  return true;
}

/// What --print-chain does without.
void require_arguments(const Settings& s) {
  require(!s.common.table.empty(), "TABLE");
  require(!s.common.outcome.time.empty(), "--time");
  require(!s.common.outcome.event.empty(), "--event");
  require(!s.out.empty(), "--out");
}

/// Features and survival of one table, or of two that are joined. Whatever else features come from would come in here.
analysis::SignatureTable load(const Settings& s, const fs::path& table, const fs::path& clinical,
                              const analysis::SignatureColumns& columns) {
  const auto frame = load_table(s.common, table);
  std::optional<stats::DataFrame> survival;
  if (!clinical.empty()) survival = load_table(s.common, clinical);
  return analysis::read_signature_table(frame, columns, analysis::read_data_dictionary(table),
                                        survival ? &*survival : nullptr);
}

analysis::SignatureTable load_training(const Settings& s) {
  auto table = load(s, s.common.table, s.clinical, {s.columns, s.common.outcome});
  tell(s, table.notes);
  return table;
}

/// The second table, whose events are coded as the first's.
analysis::SignatureTable load_external(const Settings& s, const analysis::SignatureTable& training) {
  const auto columns = analysis::columns_of_other(load_table(s.common, s.external), training.columns);
  auto table = load(s, s.external, s.external_clinical, columns);
  for (auto& note : table.notes)
    note = note.starts_with("warning: ") ? "warning: external: " + note.substr(9) : "external: " + note;
  tell(s, table.notes);
  return table;
}

void run_train(const Settings& s) {
  if (printed_chain(s)) return;
  require_arguments(s);
  const auto specification = specification_of(s);
  const auto table = load_training(s);
  const bool simulated =
      in_simulated_cohort(s.common.table) || (!s.clinical.empty() && in_simulated_cohort(s.clinical));
  const OutputFolder folder(s.out, s.existing);
  Progress progress("Fitting the signature", 1);
  const auto trained = analysis::train_signature(
      table, {s.name.empty() ? s.out.filename().string() : s.name, specification, simulated, s.seed, s.threads});
  progress.advance();
  signature::write_signature(s.out, trained.trained);
  tell(s, trained.notes);
  std::fputs(format_table(trained.weights, '\t').c_str(), stdout);
  tell(s, {"the model is in " + s.out.string()});
}

void run_predict(const Settings& s) {
  keep_apart({s.common.table}, {s.common.out});
  const auto trained = signature::read_signature(find_model(s.model, "signature train"));
  const auto frame = load_table(s.common);
  auto columns = s.columns;
  columns.outcome = {trained.time, trained.event};  // where they are there, they are no features
  columns.without_ids = true;
  stats::Rows rows(frame.rows());
  for (std::size_t r = 0; r < rows.size(); ++r) rows[r] = r;
  const auto table = analysis::read_feature_rows(frame, rows, columns, analysis::read_data_dictionary(s.common.table));
  const auto prediction = analysis::predict_signature(table, trained, s.times, s.common.level);
  tell(s, table.notes);
  emit(s.common, {prediction.table, prediction.json, prediction.notes, {}});
}

void write_evaluation(const Settings& s, analysis::SignatureEvaluationResults& e) {
  write_for_papers(s.out, "metrics", e.metrics, &e.printed_metrics);
  write_for_papers(s.out, "weights", e.weights);
  write_for_papers(s.out, "selection", e.selection);
  report::write_table_file(s.out / "predictions.tsv", e.predictions);
  report::write_table_file(s.out / "groups.tsv", e.groups);
  write_or_remove(s.out / "times.tsv", e.times);
  write_or_remove(s.out / "external_predictions.tsv", e.external_predictions);
  write_or_remove(s.out / "external_groups.tsv", e.external_groups);
  e.json["predictions"] = "predictions.tsv";  // beside it: the folder may move
  write_json(s.out / "evaluation.json", e.json);
  if (e.nomograms) {
    fs::create_directories(s.out / "nomograms");
    write_nomograms(s.out / "nomograms", *e.nomograms, s.figures);
  } else {
    fs::remove_all(s.out / "nomograms");  // of an earlier run: they belong to other results
  }
  draw_figures(s.out, s.figures, {"kaplan_meier", "external_kaplan_meier"}, e.figures);
}

void run_evaluate(Settings& s) {
  if (printed_chain(s)) return;
  require_arguments(s);
  if (!s.external_clinical.empty() && s.external.empty())
    throw Error(ExitCode::WrongUse, "there is no second table", "--external-clinical", "name it with --external");
  analysis::SignatureEvaluationOptions o{specification_of(s), s.evaluation, s.permute_outcome, s.draws, s.common.level};
  o.evaluation.seed = s.seed;
  o.evaluation.threads = s.threads;
  o.evaluation.times = s.times;
  if (s.nomograms) {
    require(!s.times.empty(), "--times");
    s.study.comparison.nomogram.rule =
        s.drop_rule == "paper" ? survival::DropRule::AnyLevel : survival::DropRule::LikelihoodRatio;
    o.nomograms = s.study;
  }
  const auto table = load_training(s);
  std::optional<analysis::SignatureTable> external;
  if (!s.external.empty()) external = load_external(s, table);
  const OutputFolder folder(s.out, s.existing);
  Progress progress("Evaluating the signature", analysis::fits_of_evaluation(table, o));
  o.evaluation.on_fit = [&] { progress.advance(); };
  auto e = analysis::evaluate_signature(table, o, external ? &*external : nullptr);
  write_evaluation(s, e);
  tell(s, e.notes);
  tell(s, {"tables, figures and evaluation.json are in " + s.out.string()});
  if (s.common.json)
    print_json(e.json);
  else
    std::fputs(format_table(e.metrics, '\t').c_str(), stdout);
}

void add_table_options(CLI::App& verb, Settings& s) {
  add_missing_option(verb, s.common);
  verb.add_option("--id", s.columns.id, "Column that names the rows; default: id, patient, subject, case");
  verb.add_option("--patient", s.columns.patient,
                  "Column of the patient, where one has several rows: they never part, and survival is joined by it");
  verb.add_option("--drop", s.columns.drop, "Columns that are no features")->delimiter(',')->allow_extra_args(false);
  verb.add_flag("--quiet,-q", s.common.quiet, "No notes on standard error but warnings");
}

CLI::Option* add_times(CLI::App& verb, Settings& s, const char* help) {
  return verb.add_option("--times", s.times, help)
      ->delimiter(',')
      ->allow_extra_args(false)
      ->check(not_negative_number());
}

void add_learning_options(CLI::App& verb, Settings& s) {
  verb.add_option("TABLE", s.common.table, "Table of features with a header line, a row an examination");
  verb.add_option("--clinical", s.clinical, "Table of --time and --event, a row a patient, joined by id");
  verb.add_option("--time", s.common.outcome.time, "Column of the time to death or last visit, any one unit");
  verb.add_option("--event", s.common.outcome.event,
                  "Column of the event: 1 of 0/1, 2 of 1/2 (judged from all rows), TRUE, dead");
  verb.add_option("--event-value", s.common.outcome.event_value,
                  "The value that means an event, in any spelling; what others mean is told");
  add_table_options(verb, s);
  auto* preset = verb.add_option("--preset", s.preset, "How the signature is made: default (Cox), or paper (log time)")
                     ->capture_default_str();
  verb.add_option("--chain", s.chain, kChainHelp)->check(CLI::ExistingFile)->excludes(preset);
  verb.add_flag("--print-chain", s.print_chain, "Print all options of the signature as YAML, and end");
  verb.add_option("--inner", s.inner, "Folds within, of alpha, lambda and the held-out signature; default: the chain's")
      ->check(CLI::Range(3, 100));
  verb.add_option("--seed", s.seed, "Seed of folds, forests and bootstraps")
      ->check(not_negative_number())
      ->capture_default_str();
  add_threads_option(verb, s.threads);
  verb.add_flag("--overwrite", s.existing.overwrite, "Replace what is in the output folder");
}

void add_level(CLI::App& verb, Settings& s) {
  verb.add_option("--level", s.common.level, "Coverage of intervals")
      ->check(CLI::Range(0.5, 0.9999))
      ->capture_default_str();
  verb.add_flag("--json", s.common.json, "Print JSON on standard output");
}

void add_signature_train(CLI::App& signature, int& result) {
  auto s = std::make_shared<Settings>();
  auto* verb = &add_verb(signature, "signature train");
  add_learning_options(*verb, *s);
  verb->add_option("--out,-o", s->out, "Folder of the model bundle to write");
  verb->add_option("--name", s->name, "Name of the model; default: that of the folder");
  when_chosen(*verb, result, [s] { run_train(*s); });
}

void add_signature_predict(CLI::App& signature, int& result) {
  auto s = std::make_shared<Settings>();
  auto* verb = &add_verb(signature, "signature predict");
  verb->add_option("TABLE", s->common.table, "Table of features, made as the training table was")->required();
  verb->add_option("--model", s->model, "Model bundle of gliocast signature train")->required();
  add_times(*verb, *s, "Times at which survival is predicted, in the unit of the training table, e.g. 12,36,60")
      ->required();
  verb->add_option("--out,-o", s->common.out, "Table of predictions; standard output if absent")
      ->check(known_table_ending);
  add_table_options(*verb, *s);
  add_level(*verb, *s);
  when_chosen(*verb, result, [s] { run_predict(*s); });
}

void add_nomogram_options(CLI::App& verb, Settings& s) {
  auto* nomograms = verb.add_flag("--nomograms", s.nomograms,
                                  "The clinical and the integrated nomogram too, chosen and fitted in the same folds, "
                                  "to OUT/nomograms");
  add_terms_option(verb, "--factors", s.study.comparison.nomogram.candidates,
                   "Clinical candidates of the nomograms: columns of the table of survival, or terms such as "
                   "factor(grade) or rcs(age, 4); default: age, sex, location, grade, laterality, histology, "
                   "enhancement, as far as it has them")
      ->needs(nomograms);
  verb.add_option("--drop-rule", s.drop_rule,
                  "When a factor stays: lrt = likelihood ratio test of the whole factor, paper = any level has P <= "
                  "0.05")
      ->check(CLI::IsMember({"lrt", "paper"}))
      ->capture_default_str()
      ->needs(nomograms);
  verb.add_option("--unit", s.study.unit, "Name of the unit of time for labels of the nomograms")
      ->capture_default_str()
      ->needs(nomograms);
}

void add_signature_evaluate(CLI::App& signature, int& result) {
  auto s = std::make_shared<Settings>();
  auto* verb = &add_verb(signature, "signature evaluate");
  add_learning_options(*verb, *s);
  verb->add_option("--out,-o", s->out, "Folder to write: tables, figures, predictions, evaluation.json");
  add_figure_kinds(*verb, s->figures);
  verb->add_option("--outer", s->evaluation.folds, "Outer folds")->check(CLI::Range(2, 1000))->capture_default_str();
  verb->add_option("--repeats", s->evaluation.repeats, "Repeats of the cross-validation, folds dealt anew")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  add_times(*verb, *s, "Times at which survival is predicted and judged, e.g. 12,36,60");
  verb->add_flag("--permute-outcome", s->permute_outcome,
                 "Shuffle times and events among the patients first: what does not leak is at chance");
  verb->add_option("--external", s->external, "A second table, tried with the signature fitted to all of the first");
  verb->add_option("--external-clinical", s->external_clinical, "Its table of --time and --event");
  verb->add_option("--draws", s->draws, "Draws of the bootstrap over patients, for intervals")
      ->check(CLI::Range(100, 1000000))
      ->capture_default_str();
  add_nomogram_options(*verb, *s);
  add_level(*verb, *s);
  when_chosen(*verb, result, [s] { run_evaluate(*s); });
}

}  // namespace

void add_signature(CLI::App& app, int& result) {
  auto* signature = &add_verb(app, "signature");
  signature->require_subcommand(1);
  add_signature_train(*signature, result);
  add_signature_predict(*signature, result);
  add_signature_evaluate(*signature, result);
}

}  // namespace gliocast::cli
