// gliocast signature of a cohort of images: trained, applied, evaluated; of tables it is in signature.cpp.
#include "../patient_arguments.hpp"
#include "../verbs.hpp"
#include "commands.hpp"
#include "result_folder.hpp"
#include "signature_arguments.hpp"
#include "study_arguments.hpp"

#include <gliocast/analysis/signature_table.hpp>
#include <gliocast/core/error.hpp>
#include <gliocast/core/log.hpp>
#include <gliocast/core/table.hpp>
#include <gliocast/models/bundle.hpp>
#include <gliocast/report/result_files.hpp>
#include <gliocast/report/signature_files.hpp>
#include <gliocast/report/table_file.hpp>
#include <gliocast/study/signature.hpp>
#include <gliocast/study/signature_prediction.hpp>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

namespace gliocast::cli {
namespace {

namespace fs = std::filesystem;

struct Settings {
  Common common;
  StudyArguments cohort;
  SignatureArguments of;
  fs::path work;
  std::string sequence;
  std::int64_t base_width = 0;
  bool no_deep = false;
};

struct TrainingSettings : Settings {
  study::SignatureTrainingOptions study;
};
struct EvaluationSettings : Settings {
  study::SignatureEvaluationOptions study;
  std::vector<std::string> against;
  std::vector<fs::path> external;
};
struct PredictionSettings : Settings {
  study::SignaturePredictionOptions study;
  fs::path clinical;
};

/// Where patients' files go: never into what is given away.
fs::path work_folder(const Settings& s) {
  const auto out = fs::absolute(s.of.out).lexically_normal();
  const auto bare = out.has_filename() ? out : out.parent_path();
  if (s.work.empty()) return bare.string() + ".work";
  const auto inside = fs::absolute(s.work).lexically_normal().lexically_relative(bare);
  if (!inside.empty() && *inside.begin() != "..")
    throw Error(ExitCode::WrongUse, "patients' files must not lie in what is given away", s.work.string(),
                "name a folder outside of --out");
  return s.work;
}

/// Runs `work`, which goes on from what an earlier run left in the folder of patients' files.
int run_in(const fs::path& folder, std::size_t patients, const std::function<std::vector<Failure>()>& work) {
  return run_cohort(patients, {}, folder, {.resume = true, .overwrite = false}, work);
}

void tell_work(const fs::path& folder) {
  log_info("patients' files are in " + folder.string() +
           ": a further run goes on from them; they are no part of the "
           "results, and may be removed");
}

/// What training and evaluation share.
void apply_options(const CLI::App& verb, const Settings& s, study::SignatureOptions& o) {
  const auto preset = nn::PrognosisTrainingOptions::preset(s.of.preset);
  o.network.network = preset.network;
  take_preset(verb, preset.common, o.network.common);
  if (s.base_width > 0) o.network.network.base_width = s.base_width;
  o.specification = specification_of(s.of);
  o.deep = !s.no_deep;
  o.seed = s.of.seed;
  o.threads = s.common.threads;
  o.work = work_folder(s);
  apply(s.cohort, s.common, o.examine);
  o.network.common.device = o.examine.device;
  if (!s.sequence.empty()) o.examine.sequences = {*sequence_of_key(s.sequence)};
}

/// AUC of prognosis from each sequence.
void write_sequences(const fs::path& folder, const TextTable& table) {
  for (const char* ending : {".tsv", ".md"})
    report::write_or_remove(folder / (std::string("sequences") + ending), table);
}

int run_train(const CLI::App& verb, TrainingSettings& s) {
  apply(s.common);
  auto& o = s.study;
  apply_options(verb, s, o);
  o.name = name_of(s.of);
  o.nomograms = nomogram_options(s.of);
  if (!s.of.times.empty()) o.nomograms.comparison.times = s.of.times;
  const auto patients = patients_of(s.cohort.cohorts);
  const OutputFolder folder(s.of.out, s.of.existing);
  return run_in(o.work, patients.size(), [&] {
    auto trained = study::train_signature(patients, o);
    pipeline::write_fused_signature(s.of.out, trained.fused);
    if (trained.nomograms) {
      fs::create_directories(o.work / "nomograms");
      print_notes(report::write_nomograms(o.work / "nomograms", *trained.nomograms, {"svg"}), false);
    }
    write_sequences(o.work, trained.sequences);
    print_notes(trained.notes, s.common.quiet);
    std::fputs(format_table(trained.weights, '\t').c_str(), stdout);
    log_info("the model is in " + s.of.out.string());
    tell_work(o.work);
    return trained.failures;
  });
}

/// The ways that are compared with the signature: those named; else of a preset the other one.
std::vector<signature::SignatureSpecification> compared(const EvaluationSettings& s, const std::string& name) {
  auto texts = s.against;
  if (texts.empty() && s.of.chain.empty()) texts = {s.of.preset == "paper" ? "default" : "paper"};
  if (texts == std::vector<std::string>{"none"}) texts.clear();
  std::vector<signature::SignatureSpecification> out;
  std::vector<std::string> names{name};
  for (const auto& text : texts) {
    out.push_back(specification_of(s.of, text));
    if (std::ranges::find(names, out.back().name) != names.end())
      throw Error(ExitCode::WrongUse, "two signatures are named \"" + out.back().name + "\"", "--against",
                  "name each by its own `name:`");
    names.push_back(out.back().name);
  }
  return out;
}

void write_comparison(const fs::path& folder, const study::EvaluatedCohort& e) {
  for (const char* ending : {".tsv", ".md"})
    report::write_table_file(folder / (std::string("comparison") + ending), e.comparison);
  report::write_table_file(folder / "comparison_predictions.tsv", e.comparison_predictions);
  write_sequences(folder, e.sequences);
  report::write_or_remove(folder / "sequence_predictions.tsv", e.sequence_predictions);
  report::write_overview(folder);
}

int run_evaluate(const CLI::App& verb, EvaluationSettings& s) {
  apply(s.common);
  auto& o = s.study;
  apply_options(verb, s, o);
  if (s.external.empty() != o.external_clinical.file.empty())
    throw Error(ExitCode::WrongUse, "a second cohort needs its clinical table", "",
                "give --external and --external-clinical");
  o.against = compared(s, o.specification.name);
  o.evaluation = evaluation_options(s.of, s.common.threads);
  o.external_clinical.outcome = o.clinical.outcome;
  o.external_clinical.grade = o.clinical.grade;
  const auto patients = patients_of(s.cohort.cohorts);
  if (!s.external.empty()) o.external = patients_of(s.external);
  const OutputFolder folder(s.of.out, s.of.existing);
  return run_in(o.work, patients.size(), [&] {
    auto e = study::evaluate_signature(patients, o);
    write_comparison(s.of.out, e);
    write_evaluation(s.of, e.results);
    tell_evaluation(s.of, e.results, s.common.quiet);
    tell_work(o.work);
    e.failures.insert(e.failures.end(), e.external_failures.begin(), e.external_failures.end());
    return e.failures;
  });
}

int run_predict(PredictionSettings& s) {
  apply(s.common);
  auto& o = s.study;
  o.work = work_folder(s);
  o.model = find_model(o.model, "signature train");
  o.times = s.of.times;
  o.level = s.of.level;
  apply(s.cohort, s.common, o.examine);
  o.examine.sequences = {*sequence_of_key(s.sequence)};
  const auto patients = patients_of(s.cohort.cohorts);
  return run_in(o.work, patients.size(), [&] {
    auto predicted = study::predict_signatures(patients, o);
    auto& p = predicted.prediction;
    if (p.table.columns.empty()) return predicted.failures;
    if (!s.clinical.empty()) {
      analysis::SignatureColumns named;
      named.outcome.time = p.json.at("time").get<std::string>();
      named.outcome.event = p.json.at("event").get<std::string>();
      const stats::DataFrame rows(p.table, s.of.out.string());
      analysis::add_clinical_columns(rows, stats::DataFrame(read_table(s.clinical), s.clinical.string()), named,
                                     p.table, p.notes);
    }
    StatisticsArguments to;
    to.out = s.of.out;
    to.json = s.of.json;
    to.quiet = s.common.quiet;
    emit(to, {p.table, p.json, p.notes, {}});
    log_info("the signatures are in " + s.of.out.string());
    tell_work(o.work);
    return predicted.failures;
  });
}

void add_work_option(CLI::App& verb, Settings& s) {
  verb.add_option("--work", s.work,
                  "Folder of patients' files and networks, from which a further run goes on; default: OUT.work");
}

void add_running_options(CLI::App& verb, Settings& s) {
  add_work_option(verb, s);
  add_device_option(verb, s.common);
  add_common_options(verb, s.common);
}

/// Options of training and evaluation.
void add_learning_options(CLI::App& verb, Settings& s, study::SignatureOptions& o) {
  o.network = nn::PrognosisTrainingOptions::preset("default");
  add_study_options(verb, s.cohort, o.examine, "of patients whom the clinical table names");
  add_clinical_options(verb, o.clinical);
  add_signature_options(verb, s.of,
                        "How signature and networks are made: default (Cox; narrow), or paper (log time; width 64, 200 "
                        "epochs)");
  verb.get_option("--preset")->check(CLI::IsMember({"default", "paper"}));
  verb.add_option("--sequence", s.sequence, "Radiomics of this one, without a choice among the training patients")
      ->check(CLI::IsMember({"t1", "t1gd", "t2"}));
  verb.add_flag("--no-deep", s.no_deep, "Radiomics alone: no network is fitted");
  add_imagenet_option(verb, o.imagenet);
  add_network_options(verb, o.network.common, s.base_width);
}

void add_train_of_images(CLI::App& signature, int& result) {
  auto s = std::make_shared<TrainingSettings>();
  auto* verb = &add_verb(signature, "signature train", Executable::Imaging);
  add_learning_options(*verb, *s, s->study);
  verb->add_option("--out,-o", s->of.out, "Folder of the model bundle to write")->required();
  add_name_option(*verb, s->of);
  s->of.study.unit.clear();
  add_nomogram_options(*verb, s->of,
                       "Unit of the times (days, weeks, months, years), which the nomograms keep; default: what the "
                       "name of the time's column says");
  verb->get_option("--unit")->check(CLI::IsMember({"days", "weeks", "months", "years"}));
  add_times_option(*verb, s->of, "Times of the nomograms' scales; default: 12,36,60");
  add_running_options(*verb, *s);
  verb->callback([s, verb, &result] { result = run_train(*verb, *s); });
}

void add_predict_of_images(CLI::App& signature, int& result) {
  auto s = std::make_shared<PredictionSettings>();
  auto* verb = &add_verb(signature, "signature predict", Executable::Imaging);
  add_study_options(*verb, s->cohort, s->study.examine, "with or without segmentations");
  verb->add_option("--model", s->study.model, "Model bundle of gliocast signature train")->required();
  add_times_option(*verb, s->of, "Times at which survival is predicted, in the unit of the training, e.g. 12,36,60")
      ->required();
  verb->add_option("--clinical", s->clinical,
                   "Clinical table, a row a patient, joined by id: its columns are carried over, so that the "
                   "predictions can go to survival predict or external with the model's nomogram_integrated.json");
  verb->add_option("--out,-o", s->of.out, "Table of predictions")->check(known_table_ending)->required();
  s->sequence = "t1gd";
  verb->add_option("--sequence", s->sequence, "Whose radiomics a signature reads that was trained on a table")
      ->check(CLI::IsMember({"t1", "t1gd", "t2"}))
      ->capture_default_str();
  add_level_options(*verb, s->of.level, s->of.json);
  add_running_options(*verb, *s);
  verb->callback([s, &result] { result = run_predict(*s); });
}

void add_evaluate_of_images(CLI::App& signature, int& result) {
  auto s = std::make_shared<EvaluationSettings>();
  auto* verb = &add_verb(signature, "signature evaluate", Executable::Imaging);
  add_learning_options(*verb, *s, s->study);
  add_evaluation_options(*verb, s->of);
  verb->get_option("--out")->required();
  verb->add_option("--against", s->against,
                   "Other ways to make the signature, compared with it: default, paper, YAML files, or none; default: "
                   "of a preset the other one")
      ->delimiter(',')
      ->allow_extra_args(false);
  verb->add_option("--external", s->external, "A second cohort, tried with the signature of all of the first")
      ->allow_extra_args(false);
  verb->add_option("--external-clinical", s->study.external_clinical.file, "Its clinical table, with the same columns");
  add_running_options(*verb, *s);
  verb->callback([s, verb, &result] { result = run_evaluate(*verb, *s); });
}

}  // namespace

void add_signature_of_images(CLI::App& app, int& result) {
  auto* signature = &add_verb(app, "signature");
  signature->require_subcommand(1);
  add_train_of_images(*signature, result);
  add_predict_of_images(*signature, result);
  add_evaluate_of_images(*signature, result);
}

}  // namespace gliocast::cli
