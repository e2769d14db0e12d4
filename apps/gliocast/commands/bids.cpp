// gliocast bids: predict and study run as BIDS-Apps are called.
#include "bids.hpp"

#include "../cli.hpp"
#include "../patient_arguments.hpp"
#include "../verbs.hpp"
#include "study_arguments.hpp"
#include "study_run.hpp"
#include "study_settings.hpp"

#include <gliocast/cohort/clinical.hpp>
#include <gliocast/cohort/find_patients.hpp>
#include <gliocast/cohort/label.hpp>
#include <gliocast/core/error.hpp>
#include <gliocast/core/files.hpp>
#include <gliocast/core/text.hpp>
#include <gliocast/image/resample.hpp>
#include <gliocast/pipeline/predict.hpp>

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace gliocast::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMegabytesOfPatient = 1500;  // that a patient at a time takes, about
constexpr std::string_view kSession = "_ses-";

struct Settings {
  Common common;
  fs::path dataset, out, clinical, models;
  std::string level;
  std::vector<std::string> participants, sessions, columns;
  bool skip_validator = false;
  std::size_t memory_mb = 0;
  SettingsArguments study;
};

/// "01" of "sub-01_ses-02" and of "sub-01".
std::string participant_of(const std::string& id) {
  const std::string subject = id.substr(0, id.find(kSession));
  return subject.starts_with("sub-") ? subject.substr(4) : subject;
}

/// "02" of "sub-01_ses-02"; empty where there are no sessions.
std::string session_of(const std::string& id) {
  const auto at = id.find(kSession);
  return at == std::string::npos ? "" : id.substr(at + kSession.size());
}

/// Labels as given, without "sub-" or "ses-" in front.
std::vector<std::string> labels(std::vector<std::string> given, std::string_view prefix) {
  for (auto& label : given)
    if (label.starts_with(prefix)) label = label.substr(prefix.size());
  return given;
}

/// Keeps those whose label is wanted; a label that nobody has is a slip.
void keep(std::vector<cohort::PatientFiles>& patients, const std::vector<std::string>& wanted,
          std::string (*label_of)(const std::string&), const char* option) {
  if (wanted.empty()) return;
  std::vector<std::string> known;
  for (const auto& p : patients)
    if (std::ranges::find(known, label_of(p.id)) == known.end()) known.push_back(label_of(p.id));
  for (const auto& label : wanted)
    if (std::ranges::find(known, label) == known.end())
      throw Error(ExitCode::WrongUse, "the dataset has no label \"" + label + "\"", option,
                  suggestion(label, known, "there are"));
  std::erase_if(patients, [&](const auto& p) { return std::ranges::find(wanted, label_of(p.id)) == wanted.end(); });
}

void require_dataset(const Settings& s) {
  if (!fs::is_directory(s.dataset)) throw unusable_input("no such folder", s.dataset.string());
  if (!s.skip_validator && !fs::exists(s.dataset / "dataset_description.json"))
    throw unusable_input("no dataset_description.json: not a BIDS dataset", s.dataset.string(),
                         "--skip-bids-validator takes the folder as it is");
  std::error_code error;
  if (fs::equivalent(s.dataset, s.out, error))
    throw Error(ExitCode::WrongUse, "the output folder is the dataset itself", s.out.string(),
                "name another, such as derivatives/gliocast in it");
}

/// The table that was given, else participants.tsv where it has a column that says anything; empty: none.
fs::path clinical_table(const Settings& s) {
  if (!s.clinical.empty()) return s.clinical;
  const fs::path table = s.dataset / "participants.tsv";
  return fs::exists(table) && cohort::has_clinical_columns(table) ? table : fs::path();
}

/// Facts are of a participant: every session has those of its row.
void add_facts(std::vector<cohort::PatientFiles>& patients, const fs::path& table) {
  std::vector<std::string> ids;
  for (auto& p : patients) {
    ids.push_back(p.id);
    p.id = p.id.substr(0, p.id.find(kSession));
  }
  cohort::add_clinical(patients, table);
  for (std::size_t i = 0; i < ids.size(); ++i) patients[i].id = std::move(ids[i]);
}

std::vector<cohort::PatientFiles> patients_of(const Settings& s) {
  auto patients = cohort::find_bids(s.dataset);
  if (patients.empty())
    throw unusable_input("no participant has an image in BIDS names", s.dataset.string(),
                         "sub-*/[ses-*/]anat/ with *_T1w.nii.gz, *_ce-*_T1w.nii.gz, *_T2w.nii.gz or *_FLAIR.nii.gz");
  if (const auto table = clinical_table(s); !table.empty()) add_facts(patients, table);
  keep(patients, labels(s.participants, "sub-"), participant_of, "--participant-label");
  keep(patients, labels(s.sessions, "ses-"), session_of, "--session-label");
  if (patients.empty())
    throw Error(ExitCode::WrongUse, "no participant has such a session", "--participant-label, --session-label");
  cohort::check_labels(patients);
  return patients;
}

/// What the derivatives were made of, as far as the dataset has a name in the world.
void name_source(const Settings& s) {
  const fs::path theirs = s.dataset / "dataset_description.json", ours = s.out / "dataset_description.json";
  if (!fs::exists(theirs) || !fs::exists(ours)) return;
  const Json source = read_json(theirs);
  if (!source.is_object() || !source.contains("DatasetDOI")) return;
  Json json = read_json(ours);
  json["SourceDatasets"] = Json::array({{{"DOI", source["DatasetDOI"]}}});
  write_json(ours, json);
}

int run_participants(const Settings& s) {
  const auto patients = patients_of(s);
  pipeline::PredictOptions o;
  o.out = s.out;
  o.models = s.models;
  o.device = nn::parse_device(s.common.device);
  o.resume = true;  // a job a participant: those of others stay, and what is done is kept
  BatchArguments batch;
  if (s.memory_mb > 0) batch.jobs = std::clamp<std::size_t>(s.memory_mb / kMegabytesOfPatient, 1, 4);
  const Shares shares = share_out("Predicting participants", batch, s.common, patients.size(), o.preprocess);
  o.batch = shares.batch;
  o.threads = shares.threads;
  if (std::ranges::none_of(patients, [](const auto& p) { return p.clinical.has_value(); })) o.survival_model.clear();
  const pipeline::Predictor predictor(o);
  const int code =
      run_cohort(patients.size(), o.batch, o.out, {.resume = true}, [&] { return predictor.predict_all(patients); });
  name_source(s);
  return code;
}

int run_group(const Settings& s) {
  if (!s.participants.empty() || !s.sessions.empty())
    throw Error(ExitCode::WrongUse, "a study is of all participants", "--participant-label, --session-label",
                "they choose at the level participant; criteria are in --settings");
  study::StudyInputs inputs;
  inputs.cohort = {s.dataset};
  inputs.clinical = {s.clinical.empty() ? s.dataset / "participants.tsv" : s.clinical};
  inputs.columns = renamed_columns(s.columns);
  study::StudyOptions o;
  o.out = s.out / "group";
  o.models = s.models;
  o.settings = settings_of(s.study);
  o.threads = s.common.threads;
  o.device = nn::parse_device(s.common.device);
  image::set_image_threads(1);
  return run_whole_study(inputs, o);
}

int run_bids(const Settings& s) {
  apply(s.common);
  require_dataset(s);
  return s.level == "group" ? run_group(s) : run_participants(s);
}

}  // namespace

void add_bids(CLI::App& app, int& result) {
  auto s = std::make_shared<Settings>();
  auto* verb = &add_verb(app, "bids");
  verb->add_option("BIDS_DIR", s->dataset, "A BIDS dataset")->required();
  verb->add_option("OUTPUT_DIR", s->out, "Folder to write")->required();
  verb->add_option("LEVEL", s->level, "participant: predict each; group: the study of all, into OUTPUT_DIR/group")
      ->required()
      ->check(CLI::IsMember({"participant", "group"}));
  verb->add_option("--participant-label,--participant_label", s->participants,
                   "Labels of the participants to predict, with or without sub-; default: all");
  verb->add_option("--session-label,--session_label", s->sessions, "Labels of the sessions, likewise");
  verb->add_flag("--skip-bids-validator,--skip_bids_validator", s->skip_validator,
                 "Take a folder without dataset_description.json too; names of images are read in any case");
  verb->add_option("--threads,--n-cpus,--n_cpus,--nthreads,--nprocs", s->common.threads,
                   "Threads to use; 0 = all cores")
      ->check(not_negative_number())
      ->capture_default_str();
  verb->add_option("--mem-mb,--mem_mb", s->memory_mb,
                   "Memory to use: a patient at a time for each 1500 MB, at most 4; 0 = as threads allow")
      ->check(not_negative_number())
      ->capture_default_str();
  verb->add_option("--clinical", s->clinical, "Clinical table; default: the dataset's participants.tsv");
  verb->add_option("--column", s->columns, "group: NAME=COLUMN, the table's name of a column, e.g. grade=WHO")
      ->allow_extra_args(false);
  add_settings_options(*verb, s->study);
  verb->add_option("--models", s->models, "Folder of model bundles");
  add_device_option(*verb, s->common);
  add_quiet_option(*verb, s->common);
  verb->callback([s, &result] { result = run_bids(*s); });
}

}  // namespace gliocast::cli
