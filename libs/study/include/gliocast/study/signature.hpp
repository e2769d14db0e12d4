#pragma once
#include <gliocast/nn/prognosis_training.hpp>
#include <gliocast/pipeline/clinical_outcomes.hpp>
#include <gliocast/pipeline/examine.hpp>
#include <gliocast/signature/specification.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <vector>

namespace gliocast::study {

struct SignatureOptions {
  std::filesystem::path out;
  pipeline::ExamineOptions examine;  ///< its folder and slice are set here
  pipeline::ClinicalTable clinical;
  bool deep = true;                      ///< false: signatures of radiomics alone, no network is fitted
  nn::PrognosisTrainingOptions network;  ///< of every network; its loss is that of the signature's target
  std::filesystem::path imagenet;        ///< published weights to start from; may be empty
  /// The ways to make a signature that are compared; the first gives the model for use.
  std::vector<signature::SignatureSpecification> specifications;
  std::size_t folds = 5;          ///< outer folds
  std::vector<double> times;      ///< at which survival is predicted, in the table's unit
  bool permute_outcomes = false;  ///< times and events are shuffled first: must come out at chance
  std::uint64_t seed = 1;
  std::size_t threads = 0;
};

/// A cohort with survival in; out come patients' outlines and features, networks, and what each way to make a
/// signature, of radiomics alone and with deep features, says of patients whom no part of it had seen: outer folds;
/// in each the sequence is chosen among the training patients, halves of whom fit network and signature in turn, and
/// the mean of the two signatures is tested. Then a model of the whole cohort in out/model. Goes on where an earlier
/// run with the same inputs and options stopped. Returns the patients who could not be used, which out/failures.tsv
/// holds too. Throws Error{UnusableInput} where patients or deaths are too few.
[[nodiscard]] std::vector<Failure> run_signature(const std::vector<cohort::PatientFiles>& patients,
                                                 const SignatureOptions& options);

}  // namespace gliocast::study
