#pragma once
#include <gliocast/cohort/patient.hpp>
#include <gliocast/core/batch.hpp>

#include <exception>
#include <string>

namespace gliocast::pipeline {

/// What outputs may say of an error: its problem and hint, after the sequence it concerns. Its place stays out; so does
/// what an exception of another library says, and, as a second net, whatever is the path or the name of one of the
/// patient's files.
[[nodiscard]] Failure describe_failure(const cohort::PatientFiles& patient, const std::string& stage,
                                       const std::exception& error);

}  // namespace gliocast::pipeline
