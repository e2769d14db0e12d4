#include <gliocast/pipeline/prepare.hpp>

#include "describe_preparation.hpp"
#include "given_masks.hpp"
#include "outputs.hpp"
#include "patient_batch.hpp"
#include "patient_work.hpp"

#include <gliocast/cohort/label.hpp>
#include <gliocast/core/log.hpp>
#include <gliocast/core/run_key.hpp>

#include <mutex>

namespace gliocast::pipeline {
namespace {

/// Changes with the inputs' checksums, every setting that changes a result, and (its number) with what a result holds.
std::string run_key(const std::map<Sequence, std::string>& checksums, const cohort::PatientFiles& patient,
                    const PrepareOptions& o) {
  RunKey key("preprocess", 4);
  add_preparation(key, checksums, o.preprocess);
  add_masks(key, patient);
  return key.sha256();
}

void prepare_one(const cohort::PatientFiles& patient, const PrepareOptions& o, StageTimer& timer) {
  if (o.resume && done_before(preprocessing_file(o.out, patient.id),
                              run_key(image::input_checksums(patient.sequences, patient.dicom), patient, o))) {
    log_info(patient.id + ": done before, nothing has changed", {{"patient", patient.id}});
    return;
  }
  remove_results(o.out, patient.id);
  PatientWork w;
  w.exam = timer.time("read", [&] { return image::read_exam(patient.sequences, patient.dicom); });
  preprocess_patient(w, patient, o.preprocess, timer);
  auto found = describe_preparation(w.exam, w.prepared, patient);
  for (const auto& warning : w.given.warnings) found.warnings.push_back(findings::Remark::told(warning));
  found.run_key = run_key(w.exam.checksums, patient, o);
  found.provenance = provenance_of("no network", o.preprocess.threads);
  timer.time("write images", [&] {
    write_prepared_images(o.out, patient.id, w.prepared);
    write_acquisition(o.out, patient);
  });
  found.timings_s = timer.seconds();
  write_preprocessing_report(o.out, patient.id, w.prepared, found);
  log_patient_done(patient, o.out / cohort::subject_label(patient.id) / "preprocessing.html", found, nullptr);
}

}  // namespace

std::vector<Failure> prepare_all(const std::vector<cohort::PatientFiles>& patients, const PrepareOptions& o) {
  clear_older_results(o.out, patients, o.batch.shard, o.resume);
  std::once_flag described;
  return run_patients(o.out, patients, o.batch, [&](const cohort::PatientFiles& patient, StageTimer& timer) {
    prepare_one(patient, o, timer);
    std::call_once(described, [&] { write_dataset_description(o.out); });
  });
}

}  // namespace gliocast::pipeline
