// gliocast grade: from a table of features to a class with its probability.
#include "../cli.hpp"
#include "../verbs.hpp"
#include "chain_help.hpp"
#include "commands.hpp"
#include "result_folder.hpp"
#include "statistics_output.hpp"

#include <gliocast/analysis/grade_evaluation.hpp>
#include <gliocast/analysis/grade_model.hpp>
#include <gliocast/core/error.hpp>
#include <gliocast/core/files.hpp>
#include <gliocast/core/progress.hpp>
#include <gliocast/core/text.hpp>
#include <gliocast/learn/chain_file.hpp>
#include <gliocast/report/result_files.hpp>
#include <gliocast/report/table_file.hpp>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <optional>
#include <set>

namespace gliocast::cli {
namespace {

namespace fs = std::filesystem;

struct Settings {
  StatisticsArguments common;  // its `out` is not used: the output is a folder
  fs::path out, model, external, second_rater, explain, card;
  Existing existing;
  analysis::GradeColumns columns;
  std::string chain = "paper", against, name, split;
  std::size_t threads = 0, refits = 100, draws = 1000, inner = 0;
  std::uint64_t seed = 1;
  learn::EvaluationOptions evaluation;
  std::vector<std::string> figures{"svg"};
  bool print_chain = false, permute_labels = false;
};

bool printed_chain(const Settings& s) {
  if (!s.print_chain) return false;
  std::fputs(learn::chain_to_yaml(learn::named_chain(s.chain, s.inner)).c_str(), stdout);
  return true;
}

void tell(const Settings& s, const std::vector<std::string>& notes) { print_notes(notes, s.common.quiet); }

/// What --print-chain does without.
void require_arguments(const Settings& s) {
  require(!s.common.table.empty(), "TABLE");
  require(!s.columns.label.empty(), "--label");
  require(!s.out.empty(), "--out");
}

/// The table's features and classes, with those of a second rater.
analysis::GradeTable load_training(const Settings& s, const stats::DataFrame& frame) {
  auto table = analysis::read_grade_table(frame, s.columns, analysis::read_data_dictionary(s.common.table));
  if (!s.second_rater.empty())
    analysis::add_second_rater(table, load_table(s.common, s.second_rater), s.columns,
                               analysis::read_data_dictionary(s.second_rater));
  tell(s, table.notes);
  return table;
}

/// Sentences of the user for the model's card.
Json card_of(const fs::path& file) {
  if (file.empty()) return Json::object();
  Json card = read_json(file);
  if (!card.is_object() || !std::ranges::all_of(card, [](const Json& v) { return v.is_string(); }))
    throw unusable_input("is no card: it needs names with texts", file.string(), R"(for example {"measured": "…"})");
  return card;
}

void run_train(const Settings& s) {
  if (printed_chain(s)) return;
  require_arguments(s);
  const auto table = load_training(s, load_table(s.common));
  const Json card = card_of(s.card);
  const OutputFolder folder(s.out, s.existing);
  Progress progress("Fitting the chain", 1 + s.refits);
  analysis::GradeTrainingOptions o{s.name.empty() ? s.out.filename().string() : s.name,
                                   s.columns.label,
                                   learn::named_chain(s.chain, s.inner),
                                   s.refits,
                                   s.seed,
                                   s.threads,
                                   [&] { progress.advance(); }};
  auto trained = analysis::train_grade(table, o);
  trained.classifier.card.update(card);
  learn::write_classifier(s.out, trained.classifier);
  tell(s, trained.notes);
  std::fputs(format_table(trained.selected, '\t').c_str(), stdout);
  tell(s, {"the model is in " + s.out.string()});
}

void run_predict(const Settings& s) {
  keep_apart({s.common.table}, {s.common.out, s.explain});
  const auto classifier = learn::read_classifier_bundle(find_model(s.model, "grade train"));
  auto columns = s.columns;
  columns.label = classifier.label;  // where it is there, it is no feature
  const auto table =
      analysis::read_new_rows(load_table(s.common), columns, analysis::read_data_dictionary(s.common.table));
  const bool explain = !s.explain.empty() || s.common.json || s.common.out.extension() == ".json";
  const auto prediction = [&] {
    try {
      return analysis::predict_grade(table, classifier, explain, s.common.level, s.threads);
    } catch (const Error& e) {
      if (e.code() != ExitCode::UnusableInput) throw;
      throw e.within(s.common.table.string());  // what of it does not fit the model
    }
  }();
  tell(s, table.notes);
  if (!s.explain.empty()) report::write_table_file(s.explain, prediction.explanation);
  emit(s.common, {prediction.table, prediction.json, prediction.notes, {}});
}

bool is_column(const stats::DataFrame& frame, const std::string& name) { return frame.find(name) != nullptr; }

/// The names of all figures.
std::vector<std::string> figure_names() {
  std::vector<std::string> names;
  for (const char* prefix : {"", "external_"})
    for (const char* name : {"roc", "precision_recall", "calibration", "decision"})
      names.push_back(std::string(prefix) + name);
  return names;
}

void write_evaluation(const Settings& s, analysis::GradeEvaluation& e) {
  report::write_for_papers(s.out, "metrics", e.metrics, &e.printed_metrics);
  report::write_for_papers(s.out, "selection", e.selection);
  report::write_table_file(s.out / "predictions.tsv", e.predictions);
  report::write_or_remove(s.out / "external_predictions.tsv", e.external_predictions);
  report::write_or_remove(s.out / "centres.tsv", e.centres);
  report::write_or_remove(s.out / "split.tsv", e.split);
  e.json["predictions"] = "predictions.tsv";  // beside it: the folder may move
  write_json(s.out / "evaluation.json", e.json);
  report::draw_figures(s.out, s.figures, figure_names(), e.figures);
}

/// The second table, of the same positive class.
analysis::GradeTable load_external(const Settings& s, const std::string& positive) {
  const auto frame = load_table(s.common, s.external);
  auto columns = s.columns;
  columns.positive = positive;
  return analysis::read_grade_table(frame, analysis::columns_of_other(frame, columns),
                                    analysis::read_data_dictionary(s.external));
}

/// Says before any work what the second table lacks; refuses one that has nothing of the first.
void check_external(const Settings& s, const analysis::GradeTable& first, const analysis::GradeTable& second) {
  const std::set<std::string> there(second.features.features.begin(), second.features.features.end());
  const auto& wanted = first.features.features;
  std::vector<std::string> lacking;
  for (const auto& name : wanted)
    if (!there.contains(name)) lacking.push_back(name);
  if (lacking.empty()) return;
  if (lacking.size() == wanted.size())
    throw unusable_input("has none of the first table's features", s.external.string(),
                         "compute them with the first table's settings");
  tell(s,
       {"warning: " + s.external.string() + " lacks " + std::to_string(lacking.size()) + " of " +
        std::to_string(wanted.size()) + " features of the first table, and is refused where the chain fitted to all " +
        "rows needs one: " + listed(lacking, 5)});
}

learn::ChainSpecification other_chain(const Settings& s) {
  try {
    return learn::named_chain(s.against, s.inner);
  } catch (const Error& e) {
    if (e.code() != ExitCode::WrongUse) throw;
    throw Error(ExitCode::WrongUse, "there is no column and no chain \"" + s.against + "\"", "--against", e.hint());
  }
}

/// Leaving centres out needs their column, and no step that must know the centre.
void check_centres(const Settings& s, const learn::ChainSpecification& chain) {
  if (!s.evaluation.leave_centre_out) return;
  if (s.columns.centre.empty())
    throw Error(ExitCode::WrongUse, "the column of the centres is not named", "--leave-centre-out", "add --centre COL");
  if (std::ranges::find(chain.steps, "combat", &learn::DeclaredStep::name) != chain.steps.end())
    throw Error(ExitCode::WrongUse, "the step combat cannot harmonise a centre that its training rows lack",
                "--leave-centre-out", "evaluate with --outer, or leave combat out of the chain");
}

void run_evaluate(Settings& s) {
  if (printed_chain(s)) return;
  require_arguments(s);
  const auto frame = load_table(s.common);
  analysis::GradeEvaluationOptions o;
  o.chain = learn::named_chain(s.chain, s.inner);
  o.draws = s.draws;
  o.level = s.common.level;
  o.evaluation = s.evaluation;
  if (!s.split.empty()) o.evaluation.split = learn::parse_shares(s.split);
  o.permute_labels = s.permute_labels;
  o.evaluation.seed = s.seed;
  o.evaluation.threads = s.threads;
  o.against_name = s.against;
  const bool column = !s.against.empty() && is_column(frame, s.against);
  if (column) {
    s.columns.drop.push_back(s.against);
    tell(s, {"\"" + s.against + "\", which is compared with, is no feature"});
  } else if (!s.against.empty()) {
    o.against = other_chain(s);
  }
  check_centres(s, o.chain);
  const auto table = load_training(s, frame);
  if (column) o.against_scores = analysis::scores_of_rows(frame, s.columns, s.against);
  std::optional<analysis::GradeTable> external;
  if (!s.external.empty()) {
    external = load_external(s, table.positive);
    check_external(s, table, *external);
  }
  const OutputFolder folder(s.out, s.existing);
  Progress progress("Evaluating the chain", analysis::fits_of_evaluation(table, o, external.has_value()));
  o.evaluation.on_fit = [&] { progress.advance(); };
  auto e = analysis::evaluate_grade(table, o, external ? &*external : nullptr);
  write_evaluation(s, e);
  tell(s, e.notes);
  tell(s, {"tables, figures and evaluation.json are in " + s.out.string()});
  if (s.common.json) {
    print_json(e.json);
    return;
  }
  std::fputs(format_table(e.metrics, '\t').c_str(), stdout);
  if (!e.centres.rows.empty()) std::fputs(("\n" + format_table(e.centres, '\t')).c_str(), stdout);
}

void add_table_options(CLI::App& verb, Settings& s) {
  add_missing_option(verb, s.common);
  verb.add_option("--id", s.columns.id, "Column that names the rows; default: id, patient, subject, case");
  verb.add_option("--patient,--group", s.columns.patient,
                  "Column of the patient, where one has several rows: they never part");
  verb.add_option("--centre", s.columns.centre, "Column of the centre (scanner, hospital)");
  verb.add_option("--drop", s.columns.drop, "Columns that are no features")->delimiter(',')->allow_extra_args(false);
  verb.add_flag("--quiet,-q", s.common.quiet, "No notes on standard error but warnings");
}

void add_learning_options(CLI::App& verb, Settings& s) {
  verb.add_option("TABLE", s.common.table, "Table of features with a header line, a row an examination");
  verb.add_option("--label", s.columns.label, "Column of the class");
  verb.add_option("--positive", s.columns.positive,
                  "Value of the positive class, or several, e.g. 3,4; all others are negative; default: the higher, or "
                  "later in byte order");
  add_table_options(verb, s);
  verb.add_option("--second-rater", s.second_rater,
                  "Table of the same features by a second rater, joined by id, for the step icc");
  verb.add_option("--chain", s.chain, kChainHelp)->capture_default_str();
  verb.add_flag("--print-chain", s.print_chain, "Print the chain with all its options as YAML, and end");
  verb.add_option("--inner", s.inner, kInnerHelp)->check(CLI::Range(2, 100));
  verb.add_option("--seed", s.seed, "Seed of folds, forests and bootstraps")
      ->check(not_negative_number())
      ->capture_default_str();
  add_threads_option(verb, s.threads);
  verb.add_flag("--overwrite", s.existing.overwrite, "Replace what is in the output folder");
}

void add_grade_train(CLI::App& grade, int& result) {
  auto s = std::make_shared<Settings>();
  auto* verb = &add_verb(grade, "grade train");
  add_learning_options(*verb, *s);
  verb->add_option("--out,-o", s->out, "Folder of the model bundle to write");
  verb->add_option("--name", s->name, "Name of the model; default: that of the folder");
  verb->add_option("--card", s->card, "JSON file of sentences for the model's card, e.g. {\"measured\": \"…\"}");
  verb->add_option("--refits", s->refits, "Bootstrap refits of the whole chain, for intervals of the probability")
      ->check(CLI::Range(0, 10000))
      ->capture_default_str();
  when_chosen(*verb, result, [s] { run_train(*s); });
}

void add_grade_predict(CLI::App& grade, int& result) {
  auto s = std::make_shared<Settings>();
  auto* verb = &add_verb(grade, "grade predict");
  verb->add_option("TABLE", s->common.table, "Table of features, made as the training table was")->required();
  verb->add_option("--model", s->model, "Model bundle of gliocast grade train, or the name of one that is shipped")
      ->required();
  verb->add_option("--out,-o", s->common.out,
                   "Table of probabilities, in place of an earlier one; standard output if absent")
      ->check(known_table_ending);
  add_threads_option(*verb, s->threads);
  verb->add_option("--explain", s->explain, "Table of what each feature adds to each probability (Shapley values)")
      ->check(known_table_ending);
  add_table_options(*verb, *s);
  verb->add_option("--level", s->common.level, "Coverage of intervals")
      ->check(CLI::Range(0.5, 0.9999))
      ->capture_default_str();
  verb->add_flag("--json", s->common.json, "Print JSON on standard output");
  when_chosen(*verb, result, [s] { run_predict(*s); });
}

void add_grade_evaluate(CLI::App& grade, int& result) {
  auto s = std::make_shared<Settings>();
  auto* verb = &add_verb(grade, "grade evaluate");
  add_learning_options(*verb, *s);
  auto& e = s->evaluation;
  verb->add_option("--out,-o", s->out, "Folder to write: tables, figures, predictions, evaluation.json");
  add_figure_kinds(*verb, s->figures);
  auto* outer = verb->add_option("--outer", e.folds, "Outer folds")->check(CLI::Range(2, 1000))->capture_default_str();
  auto* repeats = verb->add_option("--repeats", e.repeats, "Repeats of the cross-validation, folds dealt anew")
                      ->check(CLI::Range(1, 1000))
                      ->capture_default_str();
  auto* centres = verb->add_flag("--leave-centre-out", e.leave_centre_out,
                                 "A fold a centre, in place of --outer; results of each centre")
                      ->excludes(outer);
  verb->add_option(
          "--split", s->split,
          "Shares of training, validation and test, e.g. 6:2:2, in place of folds: fitted on the first, chosen "
          "on the second, judged once on the third")
      ->excludes(outer)
      ->excludes(repeats)
      ->excludes(centres);
  verb->add_flag("--permute-labels", s->permute_labels, "Shuffle the classes first: what does not leak is at chance");
  verb->add_option("--against", s->against, "Another chain in the same folds, or a column of scores; DeLong's test");
  verb->add_option("--external", s->external, "A second table, predicted by the chain fitted to all of the first");
  verb->add_option("--draws", s->draws, "Draws of the bootstrap over patients, for intervals")
      ->check(CLI::Range(100, 1000000))
      ->capture_default_str();
  verb->add_option("--level", s->common.level, "Coverage of intervals")
      ->check(CLI::Range(0.5, 0.9999))
      ->capture_default_str();
  verb->add_flag("--json", s->common.json, "Print JSON on standard output");
  when_chosen(*verb, result, [s] { run_evaluate(*s); });
}

}  // namespace

void add_grade(CLI::App& app, int& result) {
  auto* grade = &add_verb(app, "grade");
  grade->require_subcommand(1);
  add_grade_train(*grade, result);
  add_grade_predict(*grade, result);
  add_grade_evaluate(*grade, result);
}

}  // namespace gliocast::cli
