// gliocast study run, plan, status: the whole study over one cohort or two.
#include "study_run.hpp"

#include "../cli.hpp"
#include "../verbs.hpp"
#include "statistics_output.hpp"
#include "study_arguments.hpp"
#include "study_settings.hpp"
#include "study_submit.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/log.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/core/parallel.hpp>
#include <gliocast/core/progress.hpp>
#include <gliocast/core/table.hpp>
#include <gliocast/image/resample.hpp>
#include <gliocast/study/run.hpp>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace gliocast::cli {
namespace {

struct Settings {
  Common common;
  SettingsArguments settings;
  study::StudyInputs inputs;
  study::StudyOptions study;
  std::vector<std::string> columns;
  SubmitArguments submit;
  std::string shard;
  bool networks_only = false, json = false;
};

void take_options(Settings& s) {
  apply(s.common);
  if (s.inputs.cohort.empty() && s.inputs.features.empty())
    throw Error(ExitCode::WrongUse, "there is neither a cohort nor a table of features", "",
                "name the cohort's folder, or tables: --features T1GD.tsv");
  s.inputs.columns = renamed_columns(s.columns);
  s.study.settings = settings_of(s.settings);
  s.study.threads = s.common.threads;
  s.study.device = nn::parse_device(s.common.device);
  image::set_image_threads(1);
}

/// The program that hands verbs on to this one, by its whole path.
std::filesystem::path program() { return std::filesystem::read_symlink("/proc/self/exe").parent_path() / "gliocast"; }

int run_shard(const Settings& s) {
  const auto outcome = study::run_study_shard(s.inputs, s.study, parse_shard(s.shard));
  log_info(std::to_string(outcome.patients - outcome.failures.size()) + " of " + std::to_string(outcome.patients) +
           " patients of this part are examined");
  return static_cast<int>(outcome.failures.empty() ? ExitCode::Done : ExitCode::SomeCasesFailed);
}

int exit_code(const study::StudyOutcome& outcome) {
  const bool refused =
      std::ranges::any_of(outcome.stages, [](const auto& st) { return st.state == StageState::Refused; });
  return static_cast<int>(refused || !outcome.failures.empty() ? ExitCode::SomeCasesFailed : ExitCode::Done);
}

int run_run(Settings& s) {
  take_options(s);
  if (s.submit.executor == "slurm") {
    study::begin_study(s.inputs, s.study);  // what is wrong is told here, not in a job's log
    submit_to_slurm(s.submit, words_of_run(command_line(), program()), s.study.out, s.common.threads, s.study.memory_gb,
                    s.study.settings.outlines.by == "trained");
    return static_cast<int>(ExitCode::Done);
  }
  if (!s.shard.empty()) return run_shard(s);
  if (s.networks_only) return exit_code(study::train_study_networks(s.inputs, s.study));
  return run_whole_study(s.inputs, s.study);
}

void run_plan(Settings& s) {
  take_options(s);
  TextTable table{{"stage", "state", "amount", "time", "disk_MB", "why"}, {}};
  Json json = Json::array();
  double seconds = 0, megabytes = 0;
  for (const auto& planned : study::plan_study(s.inputs, s.study)) {
    const auto& stage = planned.status;
    const bool kept = stage.state == StageState::Kept;
    const char* state = kept ? "kept" : "to do";
    table.rows.push_back({stage.title, state, planned.amount, kept ? "" : duration_text(planned.seconds),
                          kept ? "" : decimal(planned.megabytes, 0), stage.reason});
    json.push_back({{"stage", stage.name},
                    {"title", stage.title},
                    {"state", state},
                    {"amount", planned.amount},
                    {"seconds", planned.seconds},
                    {"megabytes", planned.megabytes},
                    {"reason", stage.reason}});
    seconds += planned.seconds;
    megabytes += planned.megabytes;
  }
  if (s.json) {
    print_json(json);
    return;
  }
  std::fputs(format_table(table, '\t').c_str(), stdout);
  const std::size_t threads = resolve_threads(s.study.threads);
  std::printf(
      "In all about %s on %zu %s and %s MB of disk; roughly: by figures of another machine, images taken as "
      "stripped unless they are DICOM.\n",
      duration_text(seconds).c_str(), threads, threads == 1 ? "core" : "cores", decimal(megabytes, 0).c_str());
}

void run_status(const Settings& s) {
  const auto status = study::study_status(s.study.out);
  if (s.json) {
    print_json(status.json);
    return;
  }
  std::printf("%s\n", status.sentence.c_str());
  std::fputs(format_table(status.stages, '\t').c_str(), stdout);
}

/// What run and plan share.
void add_study_options(CLI::App& verb, Settings& s) {
  verb.add_option("COHORT", s.inputs.cohort, "Folders in BraTS or BIDS form, DICOM folders, or manifest tables");
  verb.add_option("--validation", s.inputs.validation, "A second cohort, on which all is validated")
      ->allow_extra_args(false);
  verb.add_option(
      "--features", s.inputs.features,
      "In place of COHORT: tables of features measured by any tool, one a sequence, a patient a row: t1gd=FILE, "
      "or a file whose name says the sequence");
  verb.add_option("--validation-features", s.inputs.validation_features, "The same of the second cohort");
  add_study_clinical_options(verb, s.inputs.clinical, s.columns);
  verb.add_option("--out,-o", s.study.out, "Folder of the study")->required();
  add_settings_options(verb, s.settings);
  verb.add_option("--models", s.study.models, "Folder of model bundles");
  verb.add_option("--jobs", s.study.jobs, "Patients at a time; 0 = as many as threads")
      ->check(not_negative_number())
      ->capture_default_str();
  verb.add_option("--memory", s.study.memory_gb,
                  "GB that patients at a time may take (some 0.8 each and 0.5 more); 0 = any")
      ->check(not_negative_number())
      ->capture_default_str();
  verb.add_flag("--permute", s.study.permute,
                "Shuffle grades and survival among the patients first: what does not leak is at chance");
}

}  // namespace

int run_whole_study(const study::StudyInputs& inputs, const study::StudyOptions& options) {
  const auto outcome = study::run_study(inputs, options);
  log_info("the report is " + (options.out / "report.html").string());
  if (!outcome.failures.empty())
    log_warning(std::to_string(outcome.failures.size()) + " of " + std::to_string(outcome.patients) +
                " patients failed, see " + (options.out / "failures.tsv").string());
  return exit_code(outcome);
}

void add_study_run(CLI::App& study, int& result) {
  auto s = std::make_shared<Settings>();
  auto* run = &add_verb(study, "study run");
  add_study_options(*run, *s);
  add_submit_options(*run, s->submit);
  run->add_option("--shard", s->shard, "K/N: examine this part of the patients alone, e.g. 2/8; then run without it")
      ->excludes(run->get_option("--executor"));
  run->add_flag("--networks-only", s->networks_only,
                "Train the networks that outline (outlines.by=trained) and stop: before parts are examined")
      ->excludes(run->get_option("--executor"))
      ->excludes(run->get_option("--shard"));
  add_device_option(*run, s->common);
  add_common_options(*run, s->common);
  run->callback([s, &result] { result = run_run(*s); });

  auto p = std::make_shared<Settings>();
  auto* plan = &add_verb(study, "study plan");
  add_study_options(*plan, *p);
  plan->add_flag("--json", p->json, "Print JSON");
  add_common_options(*plan, p->common);
  plan->callback([p] { run_plan(*p); });

  auto t = std::make_shared<Settings>();
  auto* status = &add_verb(study, "study status");
  status->add_option("DIR", t->study.out, "Folder of a study")->required();
  status->add_flag("--json", t->json, "Print JSON");
  status->callback([t] { run_status(*t); });
}

}  // namespace gliocast::cli
