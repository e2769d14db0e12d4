#pragma once
#include <gliocast/cohort/patient.hpp>
#include <gliocast/core/error.hpp>

#include <exception>
#include <filesystem>
#include <string>
#include <vector>

namespace gliocast::pipeline {

/// A patient of a batch whose work could not be done, as outputs may say it.
struct Failure {
  std::string patient;  ///< the patient's name in the output's tables
  std::string reason;   ///< what was wrong, with which sequence, what to do; never a path or text out of a file
  ExitCode code = ExitCode::UnusableInput;
};

/// What outputs may say of an error: its problem and hint, after the sequence it concerns. Its place stays out; so does
/// what an exception of another library says, and, as a second net, whatever is the path or the name of one of the
/// patient's files.
[[nodiscard]] Failure describe_failure(const cohort::PatientFiles& patient, const std::exception& error);

/// Writes failures.tsv (participant_id, exit_code, reason) into a folder, or removes it where there is no failure.
void write_failures(const std::filesystem::path& folder, const std::vector<Failure>& failures);

}  // namespace gliocast::pipeline
