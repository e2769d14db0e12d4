// gliocast study run, plan, status: the whole study over one cohort or two.
#include "study_run.hpp"

#include "../cli.hpp"
#include "../verbs.hpp"
#include "statistics_output.hpp"
#include "study_arguments.hpp"
#include "study_settings.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/log.hpp>
#include <gliocast/core/table.hpp>
#include <gliocast/image/resample.hpp>
#include <gliocast/study/run.hpp>

#include <algorithm>
#include <cstdio>
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
  bool json = false;
};

void take_options(Settings& s) {
  apply(s.common);
  s.inputs.columns = columns_of(s.columns);
  s.study.settings = settings_of(s.settings);
  s.study.threads = s.common.threads;
  s.study.device = nn::parse_device(s.common.device);
  image::set_image_threads(1);
}

int run_run(Settings& s) {
  take_options(s);
  const auto outcome = study::run_study(s.inputs, s.study);
  log_info("the report is " + (s.study.out / "report.html").string());
  const bool refused =
      std::ranges::any_of(outcome.stages, [](const auto& st) { return st.state == StageState::Refused; });
  if (!outcome.failures.empty())
    log_warning(std::to_string(outcome.failures.size()) + " of " + std::to_string(outcome.patients) +
                " patients failed, see " + (s.study.out / "failures.tsv").string());
  return static_cast<int>(refused || !outcome.failures.empty() ? ExitCode::SomeCasesFailed : ExitCode::Done);
}

void run_plan(Settings& s) {
  take_options(s);
  TextTable table{{"stage", "state", "why"}, {}};
  Json json = Json::array();
  for (const auto& stage : study::plan_study(s.inputs, s.study)) {
    const char* state = stage.state == StageState::Kept ? "kept" : "to do";
    table.rows.push_back({stage.title, state, stage.reason});
    json.push_back({{"stage", stage.name}, {"title", stage.title}, {"state", state}, {"reason", stage.reason}});
  }
  if (s.json)
    print_json(json);
  else
    std::fputs(format_table(table, '\t').c_str(), stdout);
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
  verb.add_option("COHORT", s.inputs.cohort, "Folders in BraTS or BIDS form, DICOM folders, or manifest tables")
      ->required();
  verb.add_option("--validation", s.inputs.validation, "A second cohort, on which all is validated")
      ->allow_extra_args(false);
  add_study_clinical_options(verb, s.inputs.clinical, s.columns);
  verb.add_option("--out,-o", s.study.out, "Folder of the study")->required();
  add_settings_options(verb, s.settings);
  verb.add_option("--models", s.study.models, "Folder of model bundles");
  verb.add_flag("--permute", s.study.permute,
                "Shuffle grades and survival among the patients first: what does not leak is at chance");
}

}  // namespace

void add_study_run(CLI::App& study, int& result) {
  auto s = std::make_shared<Settings>();
  auto* run = &add_verb(study, "study run");
  add_study_options(*run, *s);
  add_device_option(*run, s->common);
  add_common_options(*run, s->common);
  run->callback([s, &result] { result = run_run(*s); });

  auto p = std::make_shared<Settings>();
  auto* plan = &add_verb(study, "study plan");
  add_study_options(*plan, *p);
  plan->add_flag("--json", p->json, "Print JSON");
  add_quiet_option(*plan, p->common);
  plan->callback([p] { run_plan(*p); });

  auto t = std::make_shared<Settings>();
  auto* status = &add_verb(study, "study status");
  status->add_option("DIR", t->study.out, "Folder of a study")->required();
  status->add_flag("--json", t->json, "Print JSON");
  status->callback([t] { run_status(*t); });
}

}  // namespace gliocast::cli
