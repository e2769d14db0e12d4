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
#include <gliocast/core/numbers.hpp>
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
  std::vector<std::string> keep;
  std::string preset = "default", chain, name, against;
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

/// A preset, or options of a YAML file.
signature::SignatureSpecification named_specification(const Settings& s, const std::string& name, bool file) {
  auto specification = file ? signature::parse_specification(read_text(name), fs::path(name).filename().string())
                            : signature::preset_specification(name);
  if (s.inner > 0) specification.folds = s.inner;
  return specification;
}

signature::SignatureSpecification specification_of(const Settings& s) {
  return named_specification(s, s.chain.empty() ? s.preset : s.chain, !s.chain.empty());
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

/// Columns that are factors of the nomograms, of whichever table has them.
std::vector<std::string> factors_of(const Settings& s) {
  if (!s.nomograms) return {};
  const auto frame = load_table(s.common, s.clinical.empty() ? s.common.table : s.clinical);
  auto options = s.study.comparison.nomogram;
  if (options.candidates.empty()) options.candidates = signature::clinical_candidates(frame);
  return signature::columns_of(frame, options);
}

analysis::SignatureTable load_training(const Settings& s) {
  auto table = load(s, s.common.table, s.clinical, {s.columns, s.common.outcome, factors_of(s), s.keep});
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
  auto prediction = analysis::predict_signature(table, trained, s.times, s.common.level);
  if (!s.clinical.empty()) {
    const analysis::SignatureColumns named{s.columns, {trained.time, trained.event, "", "", "", ""}};
    analysis::add_clinical_columns(frame, load_table(s.common, s.clinical), named, prediction.table, prediction.notes);
  }
  tell(s, table.notes);
  emit(s.common, {prediction.table, prediction.json, prediction.notes, {}});
}

/// What is where in the folder of an evaluation.
void write_overview(const fs::path& out) {
  write_index(out, "Evaluation of a signature",
              {{"metrics.tsv", "C, groups, hazard ratio, log-rank test; .md and .tex as papers have them"},
               {"predictions.tsv", "each row while it was left out: signature, group, survival at the times"},
               {"weights.tsv", "the signature of all rows, and in how many outer folds each feature was chosen"},
               {"selection.tsv", "in how many outer folds each feature had a weight"},
               {"groups.tsv", "Kaplan-Meier estimates of the groups of rows left out"},
               {"times.tsv", "AUC and Brier score at the times"},
               {"kaplan_meier.svg", "curves of the groups of rows left out"},
               {"external_predictions.tsv", "rows of the second table, by the signature of all rows of the first"},
               {"external_groups.tsv", "Kaplan-Meier estimates of their groups"},
               {"external_kaplan_meier.svg", "their curves"},
               {"nomograms/table_3.tsv", "integrated nomogram: hazard ratios of its factors"},
               {"nomograms/table_4.tsv", "clinical nomogram: the same"},
               {"nomograms/univariate.tsv", "every factor alone"},
               {"nomograms/performance.tsv", "C, Brier score and calibration of both, and what the group adds"},
               {"nomograms/at_times.tsv", "Brier score and calibration at the times"},
               {"nomograms/selection.tsv", "in how many fits each factor stayed"},
               {"nomograms/nomogram_integrated.json",
                "for survival predict, external and nomogram: its factor "
                "risk_group is read from the group of signature predict"},
               {"nomograms/nomogram_clinical.json", "the same without a signature"},
               {"evaluation.json", "all numbers, by docs/signature.schema.json"}},
              "There is no model here: `gliocast signature train` fits the signature for new patients.");
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
  write_overview(s.out);
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
  if (!s.against.empty()) o.against = named_specification(s, s.against, fs::path(s.against).has_extension());
  if (s.nomograms) {
    s.study.comparison.nomogram.rule =
        s.drop_rule == "paper" ? survival::DropRule::AnyLevel : survival::DropRule::LikelihoodRatio;
    o.nomograms = s.study;
  }
  const auto table = load_training(s);
  if (s.nomograms && s.times.empty()) {
    s.times = o.evaluation.times = analysis::times_within_follow_up(table.table.outcome);
    std::string times;
    for (const double t : s.times) times += (times.empty() ? "" : ",") + shortest(t);
    tell(s, {"no --times: the nomograms are judged at " + times + ", to which a quarter of the rows are followed"});
  }
  std::optional<analysis::SignatureTable> external;
  if (!s.external.empty()) external = load_external(s, table);
  const OutputFolder folder(s.out, s.existing);
  Progress progress("Evaluating the signature", analysis::fits_of_evaluation(table, o));
  o.evaluation.on_fit = [&] { progress.advance(); };
  auto e = analysis::evaluate_signature(table, o, external ? &*external : nullptr);
  write_evaluation(s, e);
  tell(s, e.notes);
  tell(s, {"tables, figures and evaluation.json are in " + s.out.string() + "; README.md there says what is where",
           "no model is written: gliocast signature train fits the signature for new patients"});
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

void add_keep(CLI::App& verb, Settings& s) {
  verb.add_option("--keep", s.keep, "Columns that are features though they are called as clinical factors are")
      ->delimiter(',')
      ->allow_extra_args(false);
}

CLI::Option* add_times(CLI::App& verb, Settings& s, const char* help) {
  return verb.add_option("--times", s.times, help)
      ->delimiter(',')
      ->allow_extra_args(false)
      ->check(CLI::NonNegativeNumber);
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
  add_keep(verb, s);
  auto* preset = verb.add_option("--preset", s.preset, "How the signature is made: default (Cox), or paper (log time)")
                     ->capture_default_str();
  verb.add_option("--chain", s.chain, kChainHelp)->check(CLI::ExistingFile)->excludes(preset);
  verb.add_flag("--print-chain", s.print_chain, "Print all options of the signature as YAML, and end");
  verb.add_option("--inner", s.inner, "Folds within, of alpha, lambda and the held-out signature; default: the chain's")
      ->check(CLI::Range(3, 100));
  verb.add_option("--seed", s.seed, "Seed of folds, forests and bootstraps")
      ->check(CLI::NonNegativeNumber)
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
  verb->add_option("--clinical", s->clinical,
                   "Clinical table, a row a patient, joined by id: its columns are carried over, so that the "
                   "predictions can go to survival predict or external with an integrated nomogram");
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
  verb.add_option("--factors", s.study.comparison.nomogram.candidates,
                  "Clinical candidates of the nomograms: columns of the table of survival, or terms such as "
                  "factor(grade); default: age, sex, location, grade, laterality, histology, enhancement, as far as "
                  "it has them")
      ->delimiter(',')
      ->allow_extra_args(false)
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
  verb->add_option("--against", s->against,
                   "A second way to make signatures, in the same folds, compared with the first: default, paper, or a "
                   "file .yaml");
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
