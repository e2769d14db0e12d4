#pragma once
#include <gliocast/cohort/patient.hpp>
#include <gliocast/nn/device.hpp>
#include <gliocast/nn/training_case.hpp>
#include <gliocast/pipeline/failure.hpp>
#include <gliocast/pipeline/measured_radiomics.hpp>
#include <gliocast/preprocess/preprocess.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace gliocast::pipeline {

struct ExamineOptions {
  std::filesystem::path out;     ///< a folder a patient goes here
  std::filesystem::path models;  ///< folder of bundles; empty: see models::find_bundle
  std::string segmentation_model = "segmentation-default";
  /// By patient: the folder of the bundle that outlines him, in place of `segmentation_model`; empty: that one
  /// everybody. Else it has everybody who is examined.
  std::map<std::string, std::filesystem::path> segmentation_of{};
  bool expert_outlines = false;  ///< the cohort's own in place of a network's
  std::vector<Sequence> sequences{Sequence::T1, Sequence::T1Gd,
                                  Sequence::T2};  ///< radiomics of each, and the channels of the network input
  /// Rows and columns: the slice with the largest tumour area too, at 1 mm, as prognosis networks read it.
  std::optional<std::array<std::int64_t, 2>> slice_yx{};
  std::string radiomics = "paper788";  ///< preset: image types and features
  bool raters = false;                 ///< measure within each rater's mask too, where a patient has one
  preprocess::PreprocessOptions preprocess;
  nn::Device device = nn::Device::Cpu;
  std::size_t jobs = 1;  ///< patients at a time; 0: one a core
  /// In place of images: nothing is outlined, and networks have nothing to read.
  std::shared_ptr<const MeasuredRadiomics> measured{};
};

/// What was measured within a rater's mask of a patient.
struct RaterOutline {
  SequenceRadiomics radiomics;
  std::filesystem::path tumour_mask{};  ///< file of the mask on the working grid
  std::string failure{};                ///< why there is neither; in plain words
};

/// What a study keeps of a patient.
struct Examined {
  nn::TrainingCase input;                   ///< what networks read; its label is 1 where the outline is
  std::optional<nn::TrainingCase> slice{};  ///< where options ask for it
  SequenceRadiomics radiomics;
  double tumour_cm3 = 0;
  std::filesystem::path tumour_mask{};  ///< file of the outline on the working grid
  std::vector<std::string> warnings;    ///< plain words
};
struct ExaminedCohort {
  std::vector<std::string> features;  ///< PyRadiomics' names, in its order
  std::vector<Examined> patients;     ///< without those who failed, in the order in which they came
  std::vector<Failure> failures;
  /// By patient, those in whom no tumour was found too: what options.raters asked for.
  std::map<std::string, std::array<std::optional<RaterOutline>, 2>> raters{};
  std::set<std::string> without_tumour{};  ///< those of the failures in whom no tumour was found
  bool simulated = false;                  ///< some of the patients who came are simulated
  /// Name of the segmentation model, "experts", or kOwnNetworks; empty: radiomics were given.
  std::string outlined_by;
};

/// Who outlined where each patient has a network of his own.
inline constexpr const char* kOwnNetworks = "networks trained on the cohort";

/// Throws Error{MissingModel} where the segmentation model is not there, is of another kind or damaged: to be asked
/// before patients are looked for, which takes minutes of large cohorts.
void require_segmentation_model(const ExamineOptions& options);

/// Preprocesses patients, outlines their tumours and extracts radiomics of each sequence as the chain takes them
/// (z-scores over the brain × 100, bin width 5, shift 300). What was done before with the same files, model and
/// settings is read back: every patient's result goes through its files, so that both give the same numbers. A patient
/// who fails, in whom no tumour is found, or whose sequences are too few is left out and told. With radiomics that were
/// measured elsewhere patients have these, without masks and network inputs. Throws Error{MissingModel}.
[[nodiscard]] ExaminedCohort examine_cohort(const std::vector<cohort::PatientFiles>& patients,
                                            const ExamineOptions& options);

}  // namespace gliocast::pipeline
