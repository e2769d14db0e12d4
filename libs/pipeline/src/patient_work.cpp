#include "patient_work.hpp"

namespace gliocast::pipeline {

void preprocess_patient(PatientWork& w, const cohort::PatientFiles& patient,
                        const preprocess::PreprocessOptions& options, StageTimer& timer) {
  w.given = read_masks(patient, w.exam);
  w.prepared = timer.time(
      "preprocess", [&] { return preprocess::preprocess(w.exam, options, w.given.brain ? &*w.given.brain : nullptr); });
  for (const auto& [s, reason] : w.prepared.left_out) {
    w.exam.sequences.erase(s);
    w.exam.left_out[s] = reason;
  }
  for (const auto& [stage, seconds] : w.prepared.timings_s) timer.add("preprocess: " + stage, seconds);
}

}  // namespace gliocast::pipeline
