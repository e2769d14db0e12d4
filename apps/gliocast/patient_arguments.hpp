#pragma once
#include <gliocast/cohort/patient.hpp>
#include <gliocast/pipeline/failure.hpp>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <string>
#include <vector>

namespace gliocast::cli {

/// Which patients a verb works on: INPUT, or the sequences of one patient.
struct PatientArguments {
  std::filesystem::path input, t1, t1gd, t2, flair;
  std::string id;
  bool keep_names = false;
};

void add_patient_arguments(CLI::App& verb, PatientArguments& arguments);

/// The patients, named as they will be in the output. Throws Error{WrongUse} for contradictions, Error{UnusableInput} where nothing is found.
[[nodiscard]] std::vector<cohort::PatientFiles> collect_patients(const PatientArguments& arguments);

/// 0; 1 where some of several patients failed; a single patient's own code.
[[nodiscard]] int batch_exit_code(const std::vector<pipeline::Failure>& failures, std::size_t patients, const std::filesystem::path& out);

}  // namespace gliocast::cli
