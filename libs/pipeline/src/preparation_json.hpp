#pragma once
#include <gliocast/cohort/patient.hpp>
#include <gliocast/core/json.hpp>
#include <gliocast/preprocess/preprocess.hpp>

namespace gliocast::pipeline {

/// What preprocessing found and did: recognition, preprocessing, alignment, brain, quality, warnings.
void describe_preparation(Json& json, const image::Exam& exam, const preprocess::PreparedExam& prepared, const cohort::PatientFiles& patient);

}  // namespace gliocast::pipeline
