#pragma once
#include <gliocast/cohort/patient.hpp>
#include <gliocast/findings/prediction.hpp>
#include <gliocast/pipeline/failure.hpp>

#include <filesystem>
#include <functional>
#include <vector>

namespace gliocast::pipeline {

/// Calls `work` for every patient of the shard, `jobs` at a time. A patient that fails, or could not be put together
/// (PatientFiles::failure), is reported on the console with the file, in the log and in failures.tsv of `out` without
/// its name (describe_failure), and the rest done; an interrupt or a full disk ends the batch. Throws before any work
/// where two patients would share a label (cohort::check_labels). Returns the failures in the order of the patients.
[[nodiscard]] std::vector<Failure> run_patients(
    const std::filesystem::path& out, const std::vector<cohort::PatientFiles>& patients, const BatchOptions& options,
    const std::function<void(const cohort::PatientFiles&, StageTimer&)>& work);

/// Tells that a patient is done (`prediction` null: preprocessed only): the warnings one by one, then a line with the
/// sequences used, the volumes measured and the number of warnings. The console says where the patient was found and
/// where the page lies, the log neither.
void log_patient_done(const cohort::PatientFiles& patient, const std::filesystem::path& page,
                      const findings::Preparation& preparation, const findings::Prediction* prediction);

}  // namespace gliocast::pipeline
