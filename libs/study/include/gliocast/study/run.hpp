#pragma once
#include <gliocast/core/batch.hpp>
#include <gliocast/core/stage_graph.hpp>
#include <gliocast/core/table.hpp>
#include <gliocast/nn/device.hpp>
#include <gliocast/study/settings.hpp>

#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace gliocast::study {

/// What goes into a study.
struct StudyInputs {
  std::vector<std::filesystem::path> cohort;      ///< places as cohort::find_patients() takes them
  std::vector<std::filesystem::path> validation;  ///< of a second cohort; may be empty
  /// In place of both cohorts' images: tables of features, one a sequence, "t1gd=FILE" or a file whose name says it
  /// (pipeline::parse_feature_file).
  std::vector<std::string> features{}, validation_features{};
  std::vector<std::filesystem::path> clinical;   ///< tables; none: clinical.tsv in each place, or beside the features
  std::map<std::string, std::string> columns{};  ///< the tables' name of a column of the study: "grade" → "WHO"
};

struct StudyOptions {
  std::filesystem::path out;
  std::filesystem::path models;  ///< folder of bundles; empty: see models::find_bundle
  StudySettings settings;
  bool permute = false;  ///< grades and survival are shuffled among the patients: must come out at chance
  std::size_t threads = 0;
  std::size_t jobs = 0;  ///< patients at a time; 0: as many as threads
  double memory_gb = 0;  ///< that patients at a time may take, in 10⁹ bytes; 0: any
  nn::Device device = nn::Device::Cpu;
};

struct StudyOutcome {
  std::vector<StageStatus> stages;
  std::vector<Failure> failures;  ///< patients who could not be examined, which out/failures.tsv holds too
  std::size_t patients = 0;       ///< included
};

/// What run_study() would do with a stage.
struct PlannedStage {
  StageStatus status;    ///< kept or waiting, and why
  std::string amount{};  ///< "38 of 42 patients", "26 networks"; may be empty
  double seconds = 0;    ///< by the clock, roughly; 0 where it is kept
  double megabytes = 0;  ///< that it adds to the folder, roughly
};

/// Each stage, whether it is to be done and why, what it takes by figures of docs/benchmarks.md. Reads the patients'
/// names and the clinical tables, no image. Throws as run_study().
[[nodiscard]] std::vector<PlannedStage> plan_study(const StudyInputs& inputs, const StudyOptions& options);

/// The whole of Xu 2022 over one cohort or two: criteria, outlines and radiomics, agreement of raters, grading with its
/// ablations and on the second cohort, the signature of survival with both nomograms, characteristics, and a report of
/// it all (out/report.html, report.md). From tables of features it is that without outlines and networks. Each stage
/// writes to out/stages/NAME, patients to out/patients; another run does only what changed. out/status.json says how it
/// stands. Throws Error{UnusableInput} where there are no patients, Error{WrongUse} where another run works in the
/// folder.
[[nodiscard]] StudyOutcome run_study(const StudyInputs& inputs, const StudyOptions& options);

/// Makes the folder of a study ready for runs of parts: checks what run_study() would refuse, and writes the settings.
void begin_study(const StudyInputs& inputs, const StudyOptions& options);

/// Trains the networks that outline the patients (outlines.by: trained) and does nothing else: before runs of parts,
/// which need them. Throws as run_study(), and Error{WrongUse} where the study trains none.
[[nodiscard]] StudyOutcome train_study_networks(const StudyInputs& inputs, const StudyOptions& options);

/// Examines one part of a study's patients into its folder and does nothing else: parts may run at a time, on machines
/// that share the folder, before run_study() does the rest with the same inputs and settings. Its patients and
/// failures; those that run_study() needs it finds anew. Throws as run_study(), and Error{WrongUse} where this part, or
/// the whole, is being worked on, or the networks that outline are still to be trained.
[[nodiscard]] StudyOutcome run_study_shard(const StudyInputs& inputs, const StudyOptions& options, const Shard& shard);

/// How a run stands, seen from another process.
struct StudyStatus {
  TextTable stages{{"stage", "state", "time", "cores_busy", "remark"}, {}};
  std::string sentence;  ///< "running: Fitting networks, 3 of 26, about 0:40 left", "over", "stopped: …"
  Json json;             ///< out/status.json, with "running"
};
/// Throws Error{UnusableInput} where no study was begun in the folder, or what it left is damaged.
[[nodiscard]] StudyStatus study_status(const std::filesystem::path& folder);

}  // namespace gliocast::study
