#pragma once
#include <gliocast/cohort/patient.hpp>
#include <gliocast/pipeline/failure.hpp>

#include <filesystem>
#include <functional>
#include <vector>

namespace gliocast::pipeline {

/// Calls `work` for every patient, `jobs` at a time. A patient that fails is reported in the log and in failures.tsv of `out`, and the rest done; an interrupt or a full disk ends the batch.
/// Returns the failures in the order of the patients.
[[nodiscard]] std::vector<Failure> run_batch(const std::filesystem::path& out, const std::vector<cohort::PatientFiles>& patients, std::size_t jobs, const std::function<void()>& on_patient,
                                             const std::function<void(const cohort::PatientFiles&)>& work);

}  // namespace gliocast::pipeline
