#include "patient_arguments.hpp"

#include <gliocast/cohort/clinical.hpp>
#include <gliocast/cohort/find_patients.hpp>
#include <gliocast/cohort/label.hpp>
#include <gliocast/core/error.hpp>
#include <gliocast/core/log.hpp>
#include <gliocast/core/parallel.hpp>
#include <gliocast/core/run_log.hpp>
#include <gliocast/dicom/folder.hpp>
#include <gliocast/image/resample.hpp>

#include <algorithm>
#include <array>
#include <map>
#include <optional>

namespace gliocast::cli {

void add_patient_arguments(CLI::App& verb, PatientArguments& s) {
  verb.add_option("INPUT", s.input,
                  "A patient's folder (DICOM, or BraTS names), a folder of such folders, a BIDS dataset, or a manifest "
                  "(TSV/CSV: id, t1, t1gd, t2, flair, brain_mask, tumour_mask)");
  verb.add_option("--t1", s.t1,
                  "T1: an image (NIfTI, NRRD, MetaImage), the folder of a DICOM series, or, with a DICOM folder as "
                  "INPUT, a series: its number (8, or 8:2 for its second volume), description or UID");
  verb.add_option(
      "--study", s.study,
      "DICOM: the study to take where a folder holds several: its number in `gliocast series`, or its date");
  verb.add_option(
      "--names", s.names,
      "DICOM: your own table of words in series' descriptions (share/gliocast/series_names.tsv tells its form)");
  verb.add_option("--t1gd", s.t1gd, "Contrast-enhanced T1, likewise");
  verb.add_option("--t2", s.t2, "T2, likewise");
  verb.add_option("--flair", s.flair, "FLAIR, likewise; helps to find the brain, and is shown in the report");
  verb.add_option(
      "--brain-mask", s.brain_mask,
      "Your own outline of the brain, FILE or FILE:LABELS (brain.nii.gz:1,2), on the grid of any sequence given; "
      "FILE@t1 says which, where two share it");
  verb.add_option("--id", s.id, "Name of the patient in the output (default: sub-01)");
  verb.add_flag("--keep-names", s.keep_names,
                "Use the names of files or folders in the output instead of running numbers");
}

namespace {

/// The option of each clinical field.
struct FactOption {
  findings::ClinicalField field;
  const char *option, *help;
};
constexpr std::array<FactOption, findings::kClinicalFields> kFacts{
    {{findings::ClinicalField::Age, "--age", "Age at diagnosis in years: survival is told where models know enough"},
     {findings::ClinicalField::Sex, "--sex", "F or M"},
     {findings::ClinicalField::Histology, "--histology",
      "A (astrocytoma), O (oligodendroglioma), OA (oligoastrocytoma), GBM (glioblastoma)"},
     {findings::ClinicalField::Grade, "--grade", "WHO grade as histology has it: 2, 3 or 4"},
     {findings::ClinicalField::Idh, "--idh", "IDH: mutant or wildtype"},
     {findings::ClinicalField::Codeletion, "--1p19q", "1p/19q: codeleted or intact"}}};

}  // namespace

void add_clinical_arguments(CLI::App& verb, PatientArguments& s) {
  s.reads_clinical = true;
  for (const auto& fact : kFacts) verb.add_option(fact.option, s.facts[fact.field], fact.help);
  verb.add_option("--clinical", s.clinical,
                  "Table of the same facts of several patients (TSV/CSV: patient, age, sex, grade, histology, idh, "
                  "1p19q, and what a survival model of yours reads); patient: the folder's name, BIDS name or "
                  "manifest's id");
}

namespace {

std::string numbered(std::size_t number, std::size_t of) {
  std::string digits = std::to_string(number);
  const std::size_t width = std::max<std::size_t>(2, std::to_string(of).size());
  return "sub-" + std::string(width > digits.size() ? width - digits.size() : 0, '0') + digits;
}

}  // namespace

cohort::DicomWishes dicom_wishes(const std::string& study, const std::filesystem::path& names,
                                 const std::map<Sequence, std::string>& series) {
  cohort::DicomWishes wishes{.study = study};
  if (!names.empty()) wishes.names = wishes.names.extended_by(names);
  for (const auto& [sequence, wish] : series)
    if (!wish.empty()) wishes.series[sequence] = wish;
  return wishes;
}

namespace {

using NamedInputs = std::map<Sequence, std::filesystem::path>;

/// A DICOM folder whose series the options name.
cohort::PatientFiles from_series(const PatientArguments& s, const NamedInputs& named) {
  std::map<Sequence, std::string> series;
  for (const auto& [sequence, value] : named) series[sequence] = value.string();
  if (!std::filesystem::exists(s.input)) throw unusable_input("no such file or folder", s.input.string());
  if (!std::filesystem::is_directory(s.input) || !dicom::has_dicom(s.input))
    throw Error(ExitCode::WrongUse, "holds no DICOM series to choose from", s.input.string(),
                "with a DICOM folder as INPUT, --t1, --t1gd, --t2 and --flair name its series; without INPUT they take "
                "files or folders");
  return cohort::dicom_patient(s.input, dicom_wishes(s.study, s.names, series));
}

/// A patient whose files or folders the options name.
cohort::PatientFiles from_files(const NamedInputs& named) {
  cohort::PatientFiles p;
  for (const auto& [sequence, value] : named) {
    if (value.empty()) continue;
    if (std::filesystem::is_directory(value) || dicom::has_dicom(value)) {
      const auto series = cohort::single_series(value);
      p.dicom[sequence] = series.slices;
      p.acquisition[sequence] = series.acquisition;
    } else {
      p.sequences[sequence] = value;
    }
  }
  return p;
}

/// The patients of a folder or manifest. Names that come from a path are not carried into the output unless asked for;
/// BIDS names and a manifest's ids are. A patient who failed keeps the number, so that the others' stay what they are
/// once the fault is mended.
std::vector<cohort::PatientFiles> from_cohort(const PatientArguments& s) {
  if (s.input.empty())
    throw Error(ExitCode::WrongUse, "nothing to predict from", {},
                "give a folder or manifest, or --t1, --t1gd and --t2");
  auto patients = cohort::find_patients(s.input, dicom_wishes(s.study, s.names));
  if (patients.size() == 1 && !s.id.empty()) patients.front().id = s.id;
  if (s.reads_clinical && std::filesystem::is_regular_file(s.input) && cohort::has_clinical_columns(s.input))
    cohort::add_clinical(patients, s.input);
  if (!s.clinical.empty()) cohort::add_clinical(patients, s.clinical);
  for (std::size_t i = 0; i < patients.size(); ++i)
    if (!s.keep_names && !patients[i].own_name) patients[i].id = numbered(i + 1, patients.size());
  return patients;
}

void check_files(const cohort::PatientFiles& patient) {
  for (const auto& [sequence, file] : patient.sequences)
    if (!std::filesystem::exists(file))
      throw unusable_input(
          "no such file",
          file.string() + (patient.found_at.empty() || !patient.own_name ? "" : " (" + patient.found_at + ")"));
}

/// --age and its like, which are of one patient.
void add_facts(std::vector<cohort::PatientFiles>& patients, const PatientArguments& s) {
  for (const auto& fact : kFacts) {
    const auto given = s.facts.find(fact.field);
    if (given == s.facts.end() || given->second.empty()) continue;
    if (patients.size() > 1)
      throw Error(ExitCode::WrongUse, "it is of one patient, " + std::to_string(patients.size()) + " were found",
                  fact.option, "give those of several in a table with --clinical");
    auto& record = patients.front().clinical;
    if (!record) record.emplace();
    findings::read_field(*record, fact.field, given->second, ExitCode::WrongUse, fact.option);
  }
}

/// --brain-mask, --tumour-mask and --id, which are of one patient.
void apply_to_one(std::vector<cohort::PatientFiles>& patients, const PatientArguments& s) {
  const std::string found = std::to_string(patients.size()) + " were found";
  if (!s.brain_mask.empty() || !s.tumour_mask.empty()) {
    if (patients.size() > 1)
      throw Error(ExitCode::WrongUse, "masks were given for one patient, " + found, {},
                  "give the masks of several in a manifest's columns brain_mask and tumour_mask");
    if (!s.brain_mask.empty()) patients.front().brain_mask = cohort::parse_mask_file(s.brain_mask, "--brain-mask");
    if (!s.tumour_mask.empty()) patients.front().tumour_mask = cohort::parse_mask_file(s.tumour_mask, "--tumour-mask");
  }
  if (s.id.empty()) return;
  if (patients.size() > 1) throw Error(ExitCode::WrongUse, "--id names one patient, " + found);
  patients.front().id = s.id;
}

}  // namespace

std::vector<cohort::PatientFiles> collect_patients(const PatientArguments& s) {
  const NamedInputs named{
      {Sequence::T1, s.t1}, {Sequence::T1Gd, s.t1gd}, {Sequence::T2, s.t2}, {Sequence::Flair, s.flair}};
  const bool any_named = std::ranges::any_of(named, [](const auto& n) { return !n.second.empty(); });
  std::vector<cohort::PatientFiles> patients;
  if (any_named) {
    patients.push_back(s.input.empty() ? from_files(named) : from_series(s, named));
    patients.front().id = s.id.empty() ? "sub-01" : s.id;
    if (!s.clinical.empty()) cohort::add_clinical(patients, s.clinical);
  } else {
    patients = from_cohort(s);
  }
  if (patients.size() == 1) check_files(patients.front());
  apply_to_one(patients, s);
  add_facts(patients, s);
  cohort::check_labels(patients);
  return patients;
}

void add_batch_arguments(CLI::App& verb, BatchArguments& arguments, preprocess::PreprocessOptions& preprocess) {
  verb.add_option("--preprocessed", arguments.preprocessed,
                  "Whether the images are stripped and aligned: found out step by step, or as you say")
      ->check(CLI::IsMember({"auto", "yes", "no"}))
      ->capture_default_str();
  verb.add_option(
      "--atlas", preprocess.atlas,
      "Folder with ch2.nii.gz, ch2bet.nii.gz and aal.nii.gz (default: $GLIOCAST_ATLAS, then mricron-data's)");
  verb.add_option("--jobs,-j", arguments.jobs,
                  "Patients at a time; 0 = as threads allow, at most 4 (about 1.5 GB each)")
      ->capture_default_str();
  verb.add_option("--shard", arguments.shard,
                  "Part of the patients, PART/PARTS: 1/8 to 8/8, on as many machines, into the same folder")
      ->capture_default_str();
}

Shares share_out(const std::string& title, const BatchArguments& arguments, const Common& common, std::size_t patients,
                 preprocess::PreprocessOptions& preprocess) {
  image::set_image_threads(common.threads);
  const std::size_t threads = resolve_threads(common.threads);
  const std::size_t jobs = std::min(patients, arguments.jobs > 0 ? arguments.jobs : std::min<std::size_t>(threads, 4));
  Shares shares{.batch = {.title = patients > 1 ? title : "", .jobs = jobs, .shard = parse_shard(arguments.shard)},
                .threads = std::max<std::size_t>(1, threads / jobs)};
  preprocess.threads = shares.threads;
  preprocess.preprocessed = preprocess::parse_preprocessed(arguments.preprocessed);
  return shares;
}

namespace {

/// Whether a folder holds nothing but what a run without any result leaves: it may be used again.
bool holds_traces_alone(const std::filesystem::path& out) {
  std::error_code error;
  bool any = false;
  for (std::filesystem::directory_iterator it(out, error), end; !error && it != end; it.increment(error)) {
    const auto name = it->path().filename();
    if (name != "log.jsonl" && name != "failures.tsv") return false;
    any = true;
  }
  return any;
}

}  // namespace

int run_cohort(std::size_t patients, const BatchOptions& batch, const std::filesystem::path& out,
               const Existing& existing, const std::function<std::vector<Failure>()>& work) {
  const bool beside_others = !batch.shard.whole() && !existing.overwrite;
  prepare_output(out, {existing.resume || beside_others, existing.overwrite || holds_traces_alone(out)});
  std::optional<RunLog> run_log(std::in_place, out / name_of_part("log", batch.shard, ".jsonl"));
  const auto failures = work();
  run_log.reset();
  if (failures.empty()) return 0;
  if (patients == 1) return static_cast<int>(failures.front().code);
  log_warning(std::to_string(failures.size()) + " of " + std::to_string(patients) + " patients failed, see " +
              (out / name_of_part("failures", batch.shard, ".tsv")).string());
  return static_cast<int>(ExitCode::SomeCasesFailed);
}

}  // namespace gliocast::cli
