#pragma once
#include <gliocast/learn/chain.hpp>
#include <gliocast/nn/training.hpp>
#include <gliocast/pipeline/examine.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace gliocast::study {

/// Who trains and who is tested.
enum class GradingDesign {
  Crossed,  ///< cross-validation; in each fold halves of the training patients fit network and classifier in turn
  Paper     ///< one split 6:2:2 as in Xu 2022: the network's own training patients fit the classifier too
};

struct GradingOptions {
  std::filesystem::path out;
  std::filesystem::path patients{};  ///< examined patients go here; empty: out/patients
  GradingDesign design = GradingDesign::Crossed;
  pipeline::ExamineOptions examine;    ///< its folder is set here
  nn::GradingTrainingOptions network;  ///< of every network; squeeze-and-excitation and input are varied
  learn::ChainSpecification chain;     ///< of radiomics and of radiomics with deep features
  bool deep = true;                    ///< false: radiomics alone, no network is fitted
  std::size_t folds = 5;               ///< of the crossed design
  bool permute_labels = false;         ///< grades are shuffled before anything is fitted: must come out at chance
  std::size_t refits = 100;            ///< bootstraps of the final model's chains, for intervals
  std::size_t draws = 1000;            ///< of the bootstrap over patients
  std::uint64_t seed = 1;
  std::size_t threads = 0;
  /// Of the paper's design: each patient's part (0 training, 1 validation, 2 test) where who outlines them was split
  /// before; empty: they are split here.
  std::map<std::string, std::size_t> split{};
};

/// A cohort with grades in; out come patients' outlines and features, networks, Tables 1, 2 and S3 of Xu 2022 with
/// their figures, an audit of who fitted what, and a model of radiomics and deep features for `predict`; of radiomics
/// alone Table S3, Table 1 with the sequence that the training patients chose, and a model for `grade predict`. Goes on
/// where an earlier run with the same inputs and options stopped. Returns the patients who could not be used, which
/// out/failures.tsv holds too. Throws Error{UnusableInput} where patients are too
/// few.
[[nodiscard]] std::vector<Failure> run_grading(const std::vector<cohort::PatientFiles>& patients,
                                               const GradingOptions& options);

}  // namespace gliocast::study
