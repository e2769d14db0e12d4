#pragma once
#include "given_masks.hpp"

#include <gliocast/cohort/patient.hpp>
#include <gliocast/core/run_key.hpp>
#include <gliocast/core/stage_timer.hpp>
#include <gliocast/findings/preparation.hpp>
#include <gliocast/preprocess/preprocess.hpp>

#include <map>
#include <string>

namespace gliocast::pipeline {

/// Takes sequences that preprocessing left out from the exam; the reasons stay in its `left_out`.
void forget_left_out(image::Exam& exam, const preprocess::PreparedExam& prepared);

/// Adds the inputs' checksums and every setting of preprocessing that changes a result to the key of a run.
void add_preparation(RunKey& key, const std::map<Sequence, std::string>& checksums,
                     const preprocess::PreprocessOptions& options);

/// What preprocessing found and did; run key, provenance and timings are not known yet.
[[nodiscard]] findings::Preparation describe_preparation(const image::Exam& exam,
                                                         const preprocess::PreparedExam& prepared,
                                                         const cohort::PatientFiles& patient);

/// Program, back end, threads and the time of now.
[[nodiscard]] findings::Provenance provenance_of(const std::string& backend, std::size_t threads);

/// Takes over the seconds of the stages.
void add_timings(findings::Preparation& preparation, const StageTimer& timer);

}  // namespace gliocast::pipeline
