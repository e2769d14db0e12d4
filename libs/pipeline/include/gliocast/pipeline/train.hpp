#pragma once
#include <gliocast/models/bundle.hpp>
#include <gliocast/nn/prognosis_training.hpp>
#include <gliocast/nn/training.hpp>
#include <gliocast/pipeline/clinical_outcomes.hpp>
#include <gliocast/pipeline/training_cases.hpp>

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace gliocast::pipeline {

/// What the trainings share on the cohort's side.
struct TrainCohortOptions {
  std::vector<std::filesystem::path> cohorts;
  std::filesystem::path out;
  std::filesystem::path init;        ///< weights to start from (a bundle or a .safetensors file); may be empty
  std::size_t folds = 0;             ///< 0: no folds, see validation_fraction
  std::size_t fold = 0;              ///< the fold that is held out
  double validation_fraction = 0.2;  ///< without folds; 0: train on all
  std::uint64_t split_seed = 1;
  std::string name;           ///< of the bundle; default: the kind
  std::string training_data;  ///< a sentence for the model card
  TrainingCaseOptions cases;
};

struct TrainOutcome {
  bool finished = true;    ///< false: the time limit or an interrupt came before the last epoch; the same call goes on
  std::size_t failed = 0;  ///< patients who could not be used, see out/failures.tsv
};

/// Cohort in, model out: cache, split, training with curves and checkpoints, the held-out patients' results
/// (`validation.tsv`; of grading with folds `cross_validation.tsv`), a model bundle in out/bundle.
TrainOutcome train_segmentation(const TrainCohortOptions& cohort, nn::SegmentationTrainingOptions training);
TrainOutcome train_grading(const TrainCohortOptions& cohort, nn::GradingTrainingOptions training);

/// Rows and columns of the slice that a prognosis network reads, at 1 mm (Xu 2022).
inline constexpr std::array<std::int64_t, 2> kPrognosisSlice{240, 240};
/// T1, T2, T1-Gd: the channels in the paper's order.
inline const std::vector<Sequence> kPrognosisChannels{Sequence::T1, Sequence::T2, Sequence::T1Gd};

/// What published weights (tools/convert_resnet18.py) give a prognosis network to start from, named in training.start;
/// nothing for an empty path, which is told. Throws Error{WrongUse} where they do not fit the network.
[[nodiscard]] nn::TensorFile published_start(const std::filesystem::path& imagenet,
                                             nn::PrognosisTrainingOptions& training);

/// The same of the prognosis network. Patients without a row of the clinical table, or with neither a grade II or III
/// nor a time there, are left out and told. `imagenet`: published weights to start from (tools/convert_resnet18.py);
/// may be empty. Throws Error{WrongUse} where they do not fit the network.
TrainOutcome train_prognosis(const TrainCohortOptions& cohort, const ClinicalTable& clinical,
                             const std::filesystem::path& imagenet, nn::PrognosisTrainingOptions training);

/// The cases of several cohorts, prepared with a progress bar. Patients without a segmentation are left out with a
/// warning; those whose files are missing or cannot be used are also listed in out/failures.tsv.
/// Throws Error{UnusableInput} where none is left.
[[nodiscard]] PreparedCohort load_training_cohorts(const TrainCohortOptions& options);

/// Writes into card and payload whether patients were simulated, whatever the weights were begun with: such a model is
/// a demonstration.
void mark_demonstration(models::Bundle& bundle, bool simulated);

/// Who is held out, by fold or fraction, alike in every stratum; writes out/split.tsv.
[[nodiscard]] std::vector<bool> held_out(const std::vector<std::string>& ids, const std::vector<int>& strata,
                                         const TrainCohortOptions& options);

struct Split {
  std::vector<nn::TrainingCase> training, validation;
};
/// Splits by fold or fraction, stratified by grade, and writes out/split.tsv.
[[nodiscard]] Split split_cases(const std::vector<nn::TrainingCase>& cases, const TrainCohortOptions& options);

/// Weights of a bundle's first member, or of a .safetensors file; nothing for an empty path.
[[nodiscard]] nn::TensorFile initial_weights(const std::filesystem::path& init, models::Kind kind);

}  // namespace gliocast::pipeline
