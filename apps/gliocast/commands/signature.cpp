// gliocast signature: from a table of features to a signature of survival.
#include "../cli.hpp"
#include "../verbs.hpp"
#include "commands.hpp"
#include "result_folder.hpp"
#include "signature_arguments.hpp"
#include "statistics_output.hpp"

#include <gliocast/analysis/signature_evaluation.hpp>
#include <gliocast/analysis/signature_model.hpp>
#include <gliocast/core/error.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/core/progress.hpp>
#include <gliocast/core/simulated.hpp>
#include <gliocast/models/bundle.hpp>

#include <cstdio>
#include <memory>
#include <optional>

namespace gliocast::cli {
namespace {

namespace fs = std::filesystem;

struct Settings {
  StatisticsArguments common;  // its `out` is of predict alone, its `outcome` the columns of time and event
  SignatureArguments of;
  fs::path clinical, model, external, external_clinical;
  analysis::FeatureColumns columns;
  std::vector<std::string> keep;
  std::string against;
  std::size_t threads = 0;
};

void tell(const Settings& s, const std::vector<std::string>& notes) { print_notes(notes, s.common.quiet); }

/// What --print-chain does without.
void require_arguments(const Settings& s) {
  require(!s.common.table.empty(), "TABLE");
  require(!s.common.outcome.time.empty(), "--time");
  require(!s.common.outcome.event.empty(), "--event");
  require(!s.of.out.empty(), "--out");
}

/// Features and survival of one table, or of two that are to be joined.
struct Frames {
  fs::path file;
  stats::DataFrame features;
  std::optional<stats::DataFrame> survival{};

  [[nodiscard]] analysis::SignatureTable read(const analysis::SignatureColumns& columns) const {
    return analysis::read_signature_table(features, columns, analysis::read_data_dictionary(file),
                                          survival ? &*survival : nullptr);
  }
};

Frames load(const Settings& s, const fs::path& table, const fs::path& clinical) {
  Frames frames{table, load_table(s.common, table)};
  if (!clinical.empty()) frames.survival = load_table(s.common, clinical);
  return frames;
}

/// Columns that are factors of the nomograms, of whichever table has them.
std::vector<std::string> factors_of(const Settings& s, const stats::DataFrame& frame) {
  if (!s.of.nomograms) return {};
  auto options = s.of.study.comparison.nomogram;
  if (options.candidates.empty()) options.candidates = signature::clinical_candidates(frame);
  return signature::columns_of(frame, options);
}

analysis::SignatureTable load_training(const Settings& s) {
  const auto frames = load(s, s.common.table, s.clinical);
  const auto factors = factors_of(s, frames.survival ? *frames.survival : frames.features);
  auto table = frames.read({s.columns, s.common.outcome, factors, s.keep});
  tell(s, table.notes);
  return table;
}

/// The second table, whose events are coded as the first's.
analysis::SignatureTable load_external(const Settings& s, const analysis::SignatureTable& training) {
  const auto frames = load(s, s.external, s.external_clinical);
  auto table = frames.read(analysis::columns_of_other(frames.features, training.columns));
  for (auto& note : table.notes) note = analysis::note_of("external", note);
  tell(s, table.notes);
  return table;
}

void run_train(const Settings& s) {
  if (printed_chain(s.of)) return;
  require_arguments(s);
  const auto specification = specification_of(s.of);
  const auto table = load_training(s);
  const bool simulated =
      in_simulated_cohort(s.common.table) || (!s.clinical.empty() && in_simulated_cohort(s.clinical));
  const OutputFolder folder(s.of.out, s.of.existing);
  Progress progress("Fitting the signature", 1);
  const auto trained =
      analysis::train_signature(table, {name_of(s.of), specification, simulated, s.of.seed, s.threads});
  progress.advance();
  signature::write_signature(s.of.out, trained.trained);
  tell(s, trained.notes);
  std::fputs(format_table(trained.weights, '\t').c_str(), stdout);
  tell(s, {"the model is in " + s.of.out.string()});
}

/// A model of images cannot read a table.
void refuse_fused(const fs::path& folder) {
  if (models::kind_of_bundle(folder) != models::Kind::FusedSignature) return;
  const Json members =
      models::read_bundle(folder, models::Kind::FusedSignature).payload.value("members", Json::array());
  const bool networks = members.empty() || !members.front().value("network_sha256", Json()).is_null();
  throw Error(ExitCode::MissingModel, "the model reads images, not a table", folder.string(),
              networks ? "give the cohort's folder in place of the table"
                       : "give the cohort's folder in place of the table, or the table its signature: --model " +
                             (folder / "signature_0").string());
}

void run_predict(const Settings& s) {
  keep_apart({s.common.table}, {s.common.out});
  const auto folder = find_model(s.model, "signature train");
  refuse_fused(folder);
  const auto trained = signature::read_signature(folder);
  const auto frame = load_table(s.common);
  auto columns = s.columns;
  columns.outcome = {trained.time, trained.event};  // where they are there, they are no features
  columns.without_ids = true;
  stats::Rows rows(frame.rows());
  for (std::size_t r = 0; r < rows.size(); ++r) rows[r] = r;
  const auto table = analysis::read_feature_rows(frame, rows, columns, analysis::read_data_dictionary(s.common.table));
  auto prediction = analysis::predict_signature(table, trained, s.of.times, s.common.level);
  if (!s.clinical.empty()) {
    const analysis::SignatureColumns named{s.columns, {trained.time, trained.event, "", "", "", ""}};
    analysis::add_clinical_columns(frame, load_table(s.common, s.clinical), named, prediction.table, prediction.notes);
  }
  tell(s, table.notes);
  emit(s.common, {prediction.table, prediction.json, prediction.notes, {}});
}

void run_evaluate(Settings& s) {
  if (printed_chain(s.of)) return;
  require_arguments(s);
  if (!s.external_clinical.empty() && s.external.empty())
    throw Error(ExitCode::WrongUse, "there is no second table", "--external-clinical", "name it with --external");
  auto o = evaluation_options(s.of, s.threads);
  if (!s.against.empty()) o.against = specification_of(s.of, s.against);
  const auto table = load_training(s);
  if (s.of.nomograms && s.of.times.empty()) {
    s.of.times = o.evaluation.times = analysis::times_within_follow_up(table.table.outcome);
    std::string times;
    for (const double t : s.of.times) times += (times.empty() ? "" : ",") + shortest(t);
    tell(s, {"no --times: the nomograms are judged at " + times + ", to which a quarter of the rows are followed"});
  }
  std::optional<analysis::SignatureTable> external;
  if (!s.external.empty()) external = load_external(s, table);
  const OutputFolder folder(s.of.out, s.of.existing);
  Progress progress("Evaluating the signature", analysis::fits_of_evaluation(table, o));
  o.evaluation.on_fit = [&] { progress.advance(); };
  auto e = analysis::evaluate_signature(table, o, external ? &*external : nullptr);
  write_evaluation(s.of, e);
  tell_evaluation(s.of, e, s.common.quiet);
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
  add_signature_options(verb, s.of, "How the signature is made: default (Cox), or paper (log time)");
  add_print_chain(verb, s.of);
  add_threads_option(verb, s.threads);
}

void add_signature_train(CLI::App& signature, int& result) {
  auto s = std::make_shared<Settings>();
  auto* verb = &add_verb(signature, "signature train");
  add_learning_options(*verb, *s);
  verb->add_option("--out,-o", s->of.out, "Folder of the model bundle to write");
  add_name_option(*verb, s->of);
  when_chosen(*verb, result, [s] { run_train(*s); });
}

void add_signature_predict(CLI::App& signature, int& result) {
  auto s = std::make_shared<Settings>();
  auto* verb = &add_verb(signature, "signature predict");
  verb->add_option("TABLE", s->common.table, "Table of features, made as the training table was")->required();
  verb->add_option("--model", s->model, "Model bundle of gliocast signature train")->required();
  add_times_option(*verb, s->of,
                   "Times at which survival is predicted, in the unit of the training table, e.g. 12,36,60")
      ->required();
  verb->add_option("--clinical", s->clinical,
                   "Clinical table, a row a patient, joined by id: its columns are carried over, so that the "
                   "predictions can go to survival predict or external with an integrated nomogram");
  verb->add_option("--out,-o", s->common.out, "Table of predictions; standard output if absent")
      ->check(known_table_ending);
  add_table_options(*verb, *s);
  add_level_options(*verb, s->common.level, s->common.json);
  when_chosen(*verb, result, [s] { run_predict(*s); });
}

void add_signature_evaluate(CLI::App& signature, int& result) {
  auto s = std::make_shared<Settings>();
  auto* verb = &add_verb(signature, "signature evaluate");
  add_learning_options(*verb, *s);
  add_evaluation_options(*verb, s->of);
  verb->add_option("--against", s->against,
                   "A second way to make signatures, in the same folds, compared with the first: default, paper, or a "
                   "YAML file");
  verb->add_option("--external", s->external, "A second table, tried with the signature fitted to all of the first");
  verb->add_option("--external-clinical", s->external_clinical, "Its table of --time and --event");
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
