#pragma once
#include <gliocast/analysis/small_cells.hpp>
#include <gliocast/core/batch.hpp>
#include <gliocast/nn/device.hpp>
#include <gliocast/study/run.hpp>

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace gliocast::study {

// What a study found, to be tried at another hospital: the models go there, statistics come back, patients stay.

struct FreezeOptions {
  std::filesystem::path study;  ///< folder of a finished study run
  std::filesystem::path out;    ///< folder of the bundle, absent or empty
  std::string name = "study";   ///< of the bundle
};
struct FrozenStudy {
  std::string checksum;            ///< SHA-256 of manifest.json, which holds those of all files
  std::vector<std::string> notes;  ///< what the bundle lacks, in sentences
};
/// Writes the models of a study with its settings and manifest.json (run keys of the stages, checksum of every file,
/// numbers of patients, performance as the study reports it, the segmentation model, means and deviations of the
/// training radiomics for ComBat): no patient's row, image or name, nor a checksum of a name. Throws
/// Error{UnusableInput} where the study is not finished, its outcomes were shuffled, or a stage of the models was
/// refused; Error{WrongUse} where `out` is not empty.
[[nodiscard]] FrozenStudy freeze_study(const FreezeOptions& options);

struct FrozenValidationOptions {
  std::filesystem::path bundle;
  StudyInputs inputs;  ///< without a second cohort
  std::filesystem::path out;
  std::filesystem::path models;      ///< folder of bundles, for the segmentation model; empty: see models::find_bundle
  std::string segmentation_model{};  ///< its name or folder; empty: as the bundle names it
  std::size_t least = analysis::kLeastCell;  ///< counts below are withheld
  bool recalibrate = false;
  bool combat = false;  ///< radiomics are taken towards the training's first
  std::size_t threads = 0;
  nn::Device device = nn::Device::Cpu;
};
struct FrozenValidation {
  std::vector<Failure> failures;     ///< patients who could not be examined, which out/failures.tsv holds too
  std::size_t patients = 0;          ///< included
  std::filesystem::path statistics;  ///< the folder that may leave the hospital
};
/// Tries the models of a bundle on a cohort with the study's own criteria and settings. Patients are examined in
/// out/patients, as a study run does; out/statistics holds statistics and no patient: see analysis::CountCells. Throws
/// Error{MissingModel} naming the file where the bundle is not as it was frozen, or the segmentation model is another
/// one; Error{WrongUse} where `least` is too low, or the folder holds something else.
[[nodiscard]] FrozenValidation validate_frozen(const FrozenValidationOptions& options);

}  // namespace gliocast::study
