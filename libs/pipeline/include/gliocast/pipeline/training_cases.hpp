#pragma once
#include <gliocast/cohort/patient.hpp>
#include <gliocast/nn/training_case.hpp>
#include <gliocast/pipeline/failure.hpp>
#include <gliocast/preprocess/preprocess.hpp>

#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace gliocast::pipeline {

struct TrainingCaseOptions {
  std::vector<Sequence> channels{Sequence::T1, Sequence::T1Gd, Sequence::T2};
  std::size_t factor = 2;  ///< working-grid voxels per training voxel: 2 mm
  /// Rows and columns: of each case the axial slice with the largest tumour area alone (nn::tumour_slice).
  std::optional<std::array<std::int64_t, 2>> slice_yx{};
  preprocess::PreprocessOptions preprocess;
  std::filesystem::path cache;  ///< folder of the .safetensors files
  std::size_t threads = 0;
};

/// A prepared exam as network input: z-scores averaged to the coarser grid and clipped; absent channels are 0.
[[nodiscard]] nn::TrainingCase to_training_case(const preprocess::PreparedExam& exam,
                                                const std::vector<Sequence>& channels, std::size_t factor);

/// Reads a segmentation with its label convention mapped to BraTS 2020: 1 core, 2 oedema, 4 enhancing.
[[nodiscard]] LabelVolume read_segmentation(const std::filesystem::path& path, cohort::LabelConvention convention);

struct PreparedCohort {
  std::vector<nn::TrainingCase> cases;
  std::size_t without_segmentation = 0;  ///< patients who cannot teach and are left out
  std::vector<Failure> failures;         ///< patients whose files are missing or cannot be used
  bool simulated = false;                ///< some of the patients are simulated
};

/// Preprocesses the patients of a cohort that have a segmentation, or takes them from the cache (keyed by checksums of
/// the files and settings), with a progress bar. A patient that fails is told on the console and left out.
[[nodiscard]] PreparedCohort prepare_cohort(const std::vector<cohort::PatientFiles>& patients,
                                            const TrainingCaseOptions& options);

}  // namespace gliocast::pipeline
