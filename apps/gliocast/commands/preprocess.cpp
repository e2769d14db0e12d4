// gliocast preprocess: raw MRI to aligned, skull-stripped sequences on the working grid.
#include "../cli.hpp"
#include "../patient_arguments.hpp"
#include "commands.hpp"

#include <gliocast/pipeline/prepare.hpp>

#include <memory>

namespace gliocast::cli {
namespace {

struct Settings {
  Common common;
  Existing existing;
  PatientArguments patients;
  pipeline::PrepareOptions prepare;
  BatchArguments batch;
};

int run_preprocess(Settings& s) {
  apply(s.common);
  auto& o = s.prepare;
  const auto patients = collect_patients(s.patients);
  o.batch = share_out("Preprocessing patients", s.batch, s.common, patients.size(), o.preprocess).batch;
  o.resume = s.existing.resume;
  return run_cohort(patients.size(), o.batch, o.out, s.existing, [&] { return pipeline::prepare_all(patients, o); });
}

}  // namespace

void add_preprocess(CLI::App& app, int& result) {
  auto s = std::make_shared<Settings>();
  auto* verb = app.add_subcommand("preprocess", "Raw MRI to aligned, skull-stripped sequences on one grid");
  verb->description(
      "N4 bias field correction, rigid registration of every sequence to T1-Gd (else T1, T2, FLAIR), brain extraction, "
      "z-score, 1 mm working grid;\n"
      "quality figures and pictures in preprocessing.html. Steps that are found done already are left out. About 15 "
      "seconds a patient.");
  auto& o = s->prepare;
  add_patient_arguments(*verb, s->patients);
  verb->add_option("--out,-o", o.out, "Folder to write (BIDS derivatives)")->required();
  add_batch_arguments(*verb, s->batch, o.preprocess);
  add_existing_options(*verb, s->existing);
  add_common_options(*verb, s->common);
  verb->footer(
      "Examples:\n  gliocast preprocess --t1 t1.nii.gz --t1gd t1gd.nii.gz --t2 t2.nii.gz --out prepared\n  gliocast "
      "preprocess dicom-folder --out prepared\n"
      "  gliocast preprocess bids --out prepared --jobs 2");
  verb->callback([s, &result] { result = run_preprocess(*s); });
}

}  // namespace gliocast::cli
