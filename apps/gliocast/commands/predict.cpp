// gliocast predict: one patient or a cohort, from images to report.
#include "../cli.hpp"
#include "../patient_arguments.hpp"
#include "commands.hpp"

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
  PatientArguments patients;
  std::string preprocessed = "auto", radiomics_sequence = "t1gd";
  std::size_t jobs = 0;
};

Sequence parse_sequence(const std::string& key) {
  for (const Sequence s : kAllSequences)
    if (key_name(s) == key) return s;
  throw Error(ExitCode::WrongUse, "unknown sequence '" + key + "'", "--radiomics-sequence");
}

int run_predict(Settings& s) {
  apply(s.common);
  image::set_image_threads(s.common.threads);
  auto& o = s.predict;
  const std::size_t threads = resolve_threads(s.common.threads);
  const auto patients = collect_patients(s.patients);
  o.jobs = std::min(patients.size(), s.jobs > 0 ? s.jobs : std::min<std::size_t>(threads, 4));
  o.threads = std::max<std::size_t>(1, threads / o.jobs);
  o.preprocess.threads = o.threads;
  o.device = nn::parse_device(s.common.device);
  o.preprocess.preprocessed = preprocess::parse_preprocessed(s.preprocessed);
  o.radiomics_sequence = parse_sequence(s.radiomics_sequence);
  o.resume = s.existing.resume;
  o.version = GLIOCAST_VERSION;
  const pipeline::Predictor predictor(o);  // models are checked before the output folder is touched
  prepare_output(o.out, s.existing);
  open_json_log(o.out / "log.jsonl");
  std::optional<Progress> progress;
  if (patients.size() > 1) progress.emplace("Predicting patients", patients.size());
  const auto failures = predictor.predict_all(patients, [&] {
    if (progress) progress->advance();
  });
  progress.reset();
  close_json_log();
  return batch_exit_code(failures, patients.size(), o.out);
}

}  // namespace

void add_predict(CLI::App& app, int& result) {
  auto s = std::make_shared<Settings>();
  auto* verb = app.add_subcommand("predict", "One patient or a cohort: outline, probability of high grade, report");
  verb->description(
      "From MRI (T1, contrast-enhanced T1, T2; two of them suffice) to tumour outline, measurements, probability of high grade and a report.\n"
      "Images as the hospital has them (skull, different grids), or skull-stripped and on one grid, as in BraTS: found out.");
  auto& o = s->predict;
  add_patient_arguments(*verb, s->patients);
  verb->add_option("--out,-o", o.out, "Folder to write (BIDS derivatives)")->required();
  verb->add_option("--preprocessed", s->preprocessed, "Whether the images are stripped and aligned: found out step by step, or as you say")->check(CLI::IsMember({"auto", "yes", "no"}))->capture_default_str();
  verb->add_option("--atlas", o.preprocess.atlas, "Folder with ch2.nii.gz, ch2bet.nii.gz and aal.nii.gz (default: $GLIOCAST_ATLAS, then mricron-data's)");
  verb->add_option("--radiomics-sequence", s->radiomics_sequence, "Sequence of the radiomic features")->check(CLI::IsMember({"t1", "t1gd", "t2", "flair"}))->capture_default_str();
  verb->add_option("--models", o.models, "Folder of model bundles (default: $GLIOCAST_MODELS, then the installed ones)");
  verb->add_option("--segmentation-model", o.segmentation_model, "Name of the segmentation bundle")->capture_default_str();
  verb->add_option("--grading-model", o.grading_model, "Name of the grading bundle")->capture_default_str();
  verb->add_option("--jobs,-j", s->jobs, "Patients at a time; 0 = as threads allow, at most 4 (about 1.5 GB each)")->capture_default_str();
  add_existing_options(*verb, s->existing);
  add_common_options(*verb, s->common);
  verb->footer(
      "Examples:\n  gliocast predict --t1 t1.nii.gz --t1gd t1gd.nii.gz --t2 t2.nii.gz --out result\n  gliocast predict brats/BraTS-GLI-00000-000 --out result\n  gliocast predict cohort.tsv --out "
      "results --jobs 4");
  verb->callback([s, &result] { result = run_predict(*s); });
}

}  // namespace gliocast::cli
