// gliocast preprocess: raw MRI to aligned, skull-stripped sequences on the working grid.
#include "../cli.hpp"
#include "../patient_arguments.hpp"
#include "commands.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/files.hpp>
#include <gliocast/core/log.hpp>
#include <gliocast/core/parallel.hpp>
#include <gliocast/core/progress.hpp>
#include <gliocast/image/resample.hpp>
#include <gliocast/pipeline/prepare.hpp>

#include <algorithm>
#include <memory>
#include <optional>

namespace gliocast::cli {
namespace {

struct Settings {
  Common common;
  Existing existing;
  PatientArguments patients;
  pipeline::PrepareOptions prepare;
  std::string preprocessed = "auto";
  std::size_t jobs = 0;
};

int run_preprocess(Settings& s) {
  apply(s.common);
  image::set_image_threads(s.common.threads);
  auto& o = s.prepare;
  const std::size_t threads = resolve_threads(s.common.threads);
  const auto patients = collect_patients(s.patients);
  o.jobs = std::min(patients.size(), s.jobs > 0 ? s.jobs : std::min<std::size_t>(threads, 4));
  o.preprocess.threads = std::max<std::size_t>(1, threads / o.jobs);
  o.preprocess.preprocessed = preprocess::parse_preprocessed(s.preprocessed);
  o.resume = s.existing.resume;
  o.version = GLIOCAST_VERSION;
  prepare_output(o.out, s.existing);
  open_json_log(o.out / "log.jsonl");
  std::optional<Progress> progress;
  if (patients.size() > 1) progress.emplace("Preprocessing patients", patients.size());
  const auto failures = pipeline::prepare_all(patients, o, [&] {
    if (progress) progress->advance();
  });
  progress.reset();
  close_json_log();
  return batch_exit_code(failures, patients.size(), o.out);
}

}  // namespace

void add_preprocess(CLI::App& app, int& result) {
  auto s = std::make_shared<Settings>();
  auto* verb = app.add_subcommand("preprocess", "Raw MRI to aligned, skull-stripped sequences on one grid");
  verb->description(
      "N4 bias field correction, rigid registration of every sequence to T1-Gd (else T1, else T2), brain extraction, z-score, 1 mm working grid;\n"
      "quality figures and pictures in preprocessing.html. Steps that are found done already are left out. About 1 minute a patient.");
  auto& o = s->prepare;
  add_patient_arguments(*verb, s->patients);
  verb->add_option("--out,-o", o.out, "Folder to write (BIDS derivatives)")->required();
  verb->add_option("--preprocessed", s->preprocessed, "Whether the images are stripped and aligned: found out step by step, or as you say")
      ->check(CLI::IsMember({"auto", "yes", "no"}))
      ->capture_default_str();
  verb->add_option("--atlas", o.preprocess.atlas, "Folder with ch2.nii.gz, ch2bet.nii.gz and aal.nii.gz (default: $GLIOCAST_ATLAS, then mricron-data's)");
  verb->add_option("--jobs,-j", s->jobs, "Patients at a time; 0 = as threads allow, at most 4 (about 1.5 GB each)")->capture_default_str();
  add_existing_options(*verb, s->existing);
  add_common_options(*verb, s->common);
  verb->footer(
      "Examples:\n  gliocast preprocess --t1 t1.nii.gz --t1gd t1gd.nii.gz --t2 t2.nii.gz --out prepared\n  gliocast preprocess dicom-folder --out prepared\n"
      "  gliocast preprocess bids --out prepared --jobs 2");
  verb->callback([s, &result] { result = run_preprocess(*s); });
}

}  // namespace gliocast::cli
