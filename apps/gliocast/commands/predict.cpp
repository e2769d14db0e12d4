// gliocast predict: one patient or a cohort, from images to report.
#include "../cli.hpp"
#include "commands.hpp"

#include <gliocast/cohort/find_patients.hpp>
#include <gliocast/core/error.hpp>
#include <gliocast/core/files.hpp>
#include <gliocast/core/log.hpp>
#include <gliocast/core/parallel.hpp>
#include <gliocast/core/progress.hpp>
#include <gliocast/image/resample.hpp>
#include <gliocast/pipeline/predict.hpp>

#include <algorithm>
#include <memory>
#include <optional>

namespace gliocast::cli {
namespace {

struct Settings {
  Common common;
  Existing existing;
  pipeline::PredictOptions predict;
  std::filesystem::path input, t1, t1gd, t2, flair;
  std::string id, preprocessed = "auto", radiomics_sequence = "t1gd";
  std::size_t jobs = 0;
  bool keep_names = false, json = false;
};

Sequence parse_sequence(const std::string& key) {
  for (const Sequence s : kAllSequences)
    if (key_name(s) == key) return s;
  throw Error(ExitCode::WrongUse, "unknown sequence '" + key + "'", "--radiomics-sequence");
}

std::string numbered(std::size_t number, std::size_t of) {
  std::string digits = std::to_string(number);
  const std::size_t width = std::max<std::size_t>(2, std::to_string(of).size());
  return "sub-" + std::string(width > digits.size() ? width - digits.size() : 0, '0') + digits;
}

std::vector<cohort::PatientFiles> collect(const Settings& s) {
  const std::map<Sequence, std::filesystem::path> named{{Sequence::T1, s.t1}, {Sequence::T1Gd, s.t1gd}, {Sequence::T2, s.t2}, {Sequence::Flair, s.flair}};
  const bool any_named = std::ranges::any_of(named, [](const auto& n) { return !n.second.empty(); });
  std::vector<cohort::PatientFiles> patients;
  if (any_named) {
    if (!s.input.empty()) throw Error(ExitCode::WrongUse, "give either INPUT or --t1, --t1gd, --t2, not both");
    cohort::PatientFiles p;
    for (const auto& [sequence, file] : named)
      if (!file.empty()) p.sequences[sequence] = file;
    p.id = "sub-01";
    patients.push_back(std::move(p));
  } else {
    if (s.input.empty()) throw Error(ExitCode::WrongUse, "nothing to predict from", {}, "give a folder or manifest, or --t1, --t1gd and --t2");
    patients = cohort::find_patients(s.input);
    // Names that come from a path are not carried into the output unless asked for; BIDS names and a manifest's ids are.
    const bool own_ids = !std::filesystem::is_directory(s.input) || patients.front().id.starts_with("sub-");
    if (!s.keep_names && !own_ids)
      for (std::size_t i = 0; i < patients.size(); ++i) patients[i].id = numbered(i + 1, patients.size());
  }
  if (!s.id.empty()) {
    if (patients.size() > 1) throw Error(ExitCode::WrongUse, "--id names one patient, " + std::to_string(patients.size()) + " were found");
    patients.front().id = s.id;
  }
  return patients;
}

int run_predict(Settings& s) {
  apply(s.common);
  image::set_image_threads(s.common.threads);
  auto& o = s.predict;
  const std::size_t threads = resolve_threads(s.common.threads);
  auto patients = collect(s);
  o.jobs = std::min(patients.size(), s.jobs > 0 ? s.jobs : std::min<std::size_t>(threads, 4));
  o.threads = std::max<std::size_t>(1, threads / o.jobs);
  o.device = nn::parse_device(s.common.device);
  o.preprocess.preprocessed = preprocess::parse_preprocessed(s.preprocessed);
  o.radiomics_sequence = parse_sequence(s.radiomics_sequence);
  o.resume = s.existing.resume;
  o.version = GLIOCAST_VERSION;
  const pipeline::Predictor predictor(o);  // models are checked before the output folder is touched
  if (patients.size() == 1)
    for (const auto& [sequence, file] : patients.front().sequences)
      if (!std::filesystem::exists(file)) throw unusable_input("no such file", file.string());
  prepare_output(o.out, s.existing);
  open_json_log(o.out / "log.jsonl");
  std::optional<Progress> progress;
  if (patients.size() > 1) progress.emplace("Predicting patients", patients.size());
  const auto failures = predictor.predict_all(patients, [&] {
    if (progress) progress->advance();
  });
  progress.reset();
  close_json_log();
  if (failures.empty()) return 0;
  if (patients.size() > 1) {
    log_warning(std::to_string(failures.size()) + " of " + std::to_string(patients.size()) + " patients failed, see " + (o.out / "failures.tsv").string());
    return static_cast<int>(ExitCode::SomeCasesFailed);
  }
  return static_cast<int>(failures.front().code);
}

}  // namespace

void add_predict(CLI::App& app, int& result) {
  auto s = std::make_shared<Settings>();
  auto* verb = app.add_subcommand("predict", "One patient or a cohort: outline, probability of high grade, report");
  verb->description("From MRI (T1, contrast-enhanced T1, T2; two of them suffice) to tumour outline, measurements, probability of high grade and a report.\n"
                    "Images must be skull-stripped and on one grid, as in BraTS.");
  auto& o = s->predict;
  verb->add_option("INPUT", s->input, "A patient's folder (BraTS names), a folder of such folders, a BIDS dataset, or a manifest (TSV/CSV: id, t1, t1gd, t2, flair)");
  verb->add_option("--t1", s->t1, "T1 image (NIfTI, NRRD, MetaImage)");
  verb->add_option("--t1gd", s->t1gd, "Contrast-enhanced T1 image");
  verb->add_option("--t2", s->t2, "T2 image");
  verb->add_option("--flair", s->flair, "FLAIR image; shown in the report");
  verb->add_option("--out,-o", o.out, "Folder to write (BIDS derivatives)")->required();
  verb->add_option("--id", s->id, "Name of the patient in the output (default: sub-01)");
  verb->add_flag("--keep-names", s->keep_names, "Use BraTS case names in the output instead of running numbers");
  verb->add_option("--preprocessed", s->preprocessed, "Whether the images are stripped and aligned: found out, or as you say")->check(CLI::IsMember({"auto", "yes", "no"}))->capture_default_str();
  verb->add_option("--radiomics-sequence", s->radiomics_sequence, "Sequence of the radiomic features")->check(CLI::IsMember({"t1", "t1gd", "t2", "flair"}))->capture_default_str();
  verb->add_option("--models", o.models, "Folder of model bundles (default: $GLIOCAST_MODELS, then the installed ones)");
  verb->add_option("--segmentation-model", o.segmentation_model, "Name of the segmentation bundle")->capture_default_str();
  verb->add_option("--grading-model", o.grading_model, "Name of the grading bundle")->capture_default_str();
  verb->add_option("--jobs,-j", s->jobs, "Patients at a time; 0 = as threads allow, at most 4 (about 1.5 GB each)")->capture_default_str();
  add_existing_options(*verb, s->existing);
  add_common_options(*verb, s->common);
  verb->footer("Examples:\n  gliocast predict --t1 t1.nii.gz --t1gd t1gd.nii.gz --t2 t2.nii.gz --out result\n  gliocast predict brats/BraTS-GLI-00000-000 --out result\n  gliocast predict cohort.tsv --out results --jobs 4");
  verb->callback([s, &result] { result = run_predict(*s); });
}

}  // namespace gliocast::cli
