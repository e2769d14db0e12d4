#include <gliocast/pipeline/prepare.hpp>

#include "describe_preparation.hpp"
#include "given_masks.hpp"
#include "outputs.hpp"
#include "patient_batch.hpp"

#include <gliocast/cohort/label.hpp>
#include <gliocast/core/log.hpp>
#include <gliocast/core/parallel.hpp>
#include <gliocast/core/run_key.hpp>
#include <gliocast/core/version.hpp>

#include <mutex>

namespace gliocast::pipeline {
namespace {

/// Changes with the inputs' checksums, every setting that changes a result, and (its number) with what a result holds.
std::string run_key(const std::map<Sequence, std::string>& checksums, const cohort::PatientFiles& patient,
                    const PrepareOptions& o) {
  RunKey key("preprocess", 4);
  key.add("version", version());
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
  auto exam = timer.time("read", [&] { return image::read_exam(patient.sequences, patient.dicom); });
  const GivenMasks given = read_masks(patient, exam);
  const auto prepared = timer.time(
      "preprocess", [&] { return preprocess::preprocess(exam, o.preprocess, given.brain ? &*given.brain : nullptr); });
  forget_left_out(exam, prepared);
  for (const auto& [stage, seconds] : prepared.timings_s) timer.add("preprocess: " + stage, seconds);
  auto found = describe_preparation(exam, prepared, patient);
  for (const auto& warning : given.warnings) found.warnings.push_back(findings::Remark::told(warning));
  found.run_key = run_key(exam.checksums, patient, o);
  found.provenance = provenance_of("no network", o.preprocess.threads);
  timer.time("write images", [&] {
    write_prepared_images(o.out, patient.id, prepared);
    write_acquisition(o.out, patient);
  });
  add_timings(found, timer);
  write_preprocessing_report(o.out, patient.id, prepared, found);
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
