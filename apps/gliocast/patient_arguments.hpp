#pragma once
#include "cli.hpp"

#include <gliocast/cohort/dicom.hpp>
#include <gliocast/cohort/patient.hpp>
#include <gliocast/pipeline/failure.hpp>
#include <gliocast/preprocess/preprocess.hpp>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace gliocast::cli {

/// Which patients a verb works on: INPUT, or the sequences of one patient.
struct PatientArguments {
  std::filesystem::path names;
  std::filesystem::path input, t1, t1gd, t2, flair;
  std::string id, study;
  std::string brain_mask, tumour_mask;
  bool keep_names = false;
};

void add_patient_arguments(CLI::App& verb, PatientArguments& arguments);

/// What the options say of DICOM input, empty wishes left out; reads the user's table of names.
[[nodiscard]] cohort::DicomWishes dicom_wishes(const std::string& study, const std::filesystem::path& names,
                                               const std::map<Sequence, std::string>& series = {});

/// The patients, named as they will be in the output. Throws Error{WrongUse} for contradictions, Error{UnusableInput}
/// where nothing is found.
[[nodiscard]] std::vector<cohort::PatientFiles> collect_patients(const PatientArguments& arguments);

/// How a batch of patients is preprocessed and shared out.
struct BatchArguments {
  std::string preprocessed = "auto";
  std::size_t jobs = 0;
};

/// --preprocessed, --atlas and --jobs.
void add_batch_arguments(CLI::App& verb, BatchArguments& arguments, preprocess::PreprocessOptions& preprocess);

/// Patients at a time and threads for each.
struct Shares {
  std::size_t jobs = 1, threads = 1;
};

/// Reads the options into `preprocess`, sets ITK's threads and shares them out.
[[nodiscard]] Shares share_out(const BatchArguments& arguments, const Common& common, std::size_t patients,
                               preprocess::PreprocessOptions& preprocess);

/// Makes the output folder ready and runs `work` with a log in it and a progress bar, which `work`'s argument moves on.
/// Returns the exit code: 0; 1 where some of several patients failed; a single patient's own.
[[nodiscard]] int run_patients(const std::string& title, std::size_t patients, const std::filesystem::path& out,
                               const Existing& existing,
                               const std::function<std::vector<pipeline::Failure>(const std::function<void()>&)>& work);

}  // namespace gliocast::cli
