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
  bool reads_clinical = false;                             ///< whether the verb asks for clinical facts
  std::filesystem::path clinical;                          ///< their table, of several patients
  std::map<findings::ClinicalField, std::string> facts{};  ///< of one patient
};

void add_patient_arguments(CLI::App& verb, PatientArguments& arguments);

/// --age, --sex, --histology, --grade, --idh, --1p19q and --clinical.
void add_clinical_arguments(CLI::App& verb, PatientArguments& arguments);

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
  std::string shard = "1/1";
};

/// --preprocessed, --atlas, --jobs and --shard.
void add_batch_arguments(CLI::App& verb, BatchArguments& arguments, preprocess::PreprocessOptions& preprocess);

/// How a batch runs, with this `title` on its progress bar where several patients are; threads for each patient.
struct Shares {
  BatchOptions batch;
  std::size_t threads = 1;
};

/// Reads the options into `preprocess`, sets ITK's threads and shares them out.
[[nodiscard]] Shares share_out(const std::string& title, const BatchArguments& arguments, const Common& common,
                               std::size_t patients, preprocess::PreprocessOptions& preprocess);

/// Makes the output folder ready (one of several shards takes the others' results there for granted) and runs `work`
/// with a log in it. Returns the exit code: 0; 1 where some of several patients failed; a single patient's own.
[[nodiscard]] int run_cohort(std::size_t patients, const BatchOptions& batch, const std::filesystem::path& out,
                             const Existing& existing, const std::function<std::vector<Failure>()>& work);

}  // namespace gliocast::cli
