#pragma once
#include <gliocast/cohort/patient.hpp>
#include <gliocast/core/json.hpp>
#include <gliocast/core/run_key.hpp>
#include <gliocast/preprocess/preprocess.hpp>

namespace gliocast::pipeline {

/// The start of a patient's JSON: schema, patient, reference, inputs with their checksums.
[[nodiscard]] Json start_description(const char* schema, const std::string& patient, const image::Exam& exam,
                                     const preprocess::PreparedExam& prepared);

/// Takes sequences that preprocessing left out from the exam; the reasons stay in its `left_out`.
void forget_left_out(image::Exam& exam, const preprocess::PreparedExam& prepared);

/// Adds the inputs' checksums and every setting of preprocessing that changes a result to the key of a run.
void add_preparation(RunKey& key, const std::map<Sequence, std::string>& checksums,
                     const preprocess::PreprocessOptions& options);

/// What preprocessing found and did: recognition, preprocessing, alignment, brain, quality, warnings.
void describe_preparation(Json& json, const image::Exam& exam, const preprocess::PreparedExam& prepared,
                          const cohort::PatientFiles& patient);

}  // namespace gliocast::pipeline
