#pragma once
#include "given_masks.hpp"

#include <gliocast/cohort/patient.hpp>
#include <gliocast/core/run_key.hpp>
#include <gliocast/findings/preparation.hpp>
#include <gliocast/preprocess/preprocess.hpp>

#include <map>
#include <string>

namespace gliocast::pipeline {

/// Adds the inputs' checksums and every setting of preprocessing that changes a result to the key of a run.
void add_preparation(RunKey& key, const std::map<Sequence, std::string>& checksums,
                     const preprocess::PreprocessOptions& options);

/// What preprocessing found and did; run key, provenance and timings are not known yet.
[[nodiscard]] findings::Preparation describe_preparation(const image::Exam& exam,
                                                         const preprocess::PreparedExam& prepared,
                                                         const cohort::PatientFiles& patient);

/// Program, back end, threads and the time of now.
[[nodiscard]] findings::Provenance provenance_of(const std::string& backend, std::size_t threads);

}  // namespace gliocast::pipeline
