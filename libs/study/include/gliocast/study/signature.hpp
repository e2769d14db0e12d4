#pragma once
#include <gliocast/analysis/signature_evaluation.hpp>
#include <gliocast/analysis/signature_nomograms.hpp>
#include <gliocast/core/table.hpp>
#include <gliocast/nn/prognosis_training.hpp>
#include <gliocast/pipeline/clinical_outcomes.hpp>
#include <gliocast/pipeline/examine.hpp>
#include <gliocast/pipeline/fused_signature.hpp>
#include <gliocast/signature/specification.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace gliocast::study {

/// From a cohort's images to a signature: what training and evaluation share. A model is made of two members: halves
/// of the training patients fit network and, with its features, signature in turn.
struct SignatureOptions {
  std::filesystem::path work;        ///< patients' files and networks go here; a later run goes on from them
  std::filesystem::path patients{};  ///< examined patients, of a second cohort too; empty: work/patients, work/external
  pipeline::ExamineOptions examine;  ///< its folder and slice are set here
  std::optional<Sequence> sequence{};  ///< radiomics of this one, without a choice; none: of those that are examined
  pipeline::ClinicalTable clinical;
  bool deep = true;                      ///< false: radiomics alone, one member, no network is fitted
  nn::PrognosisTrainingOptions network;  ///< of every network; its loss is that of the signature's target
  std::filesystem::path imagenet;        ///< published weights to start from; may be empty
  signature::SignatureSpecification specification;
  std::uint64_t seed = 1;
  std::size_t threads = 0;
};

struct SignatureTrainingOptions : SignatureOptions {
  std::string name = "signature";
  analysis::NomogramStudyOptions nomograms;  ///< without candidates: the clinical factors of the table
};
struct TrainedCohort {
  pipeline::FusedSignature fused;  ///< to be written
  TextTable weights;               ///< Table S4: member, feature, weight, importance, folds within that chose it
  /// A row a sequence: AUC of unfavourable prognosis (death before the median time) from its radiomics, by fits within
  /// that left the patient out; how many have no label, censored before the median. Without columns where one sequence
  /// alone was asked for.
  TextTable sequences;
  std::optional<analysis::NomogramStudy> nomograms{};  ///< where they could be fitted
  std::vector<std::string> notes;                      ///< doubtful ones begin with "warning: "
  std::vector<Failure> failures;  ///< patients who could not be used, which work/failures.tsv holds too
};
/// The signature of a cohort with survival: the sequence is chosen, networks and signatures are fitted, then a clinical
/// and an integrated nomogram, whose training patients are in the group that fits without them said. Throws
/// Error{UnusableInput} where patients or deaths are too few, or the elastic net keeps no feature.
[[nodiscard]] TrainedCohort train_signature(const std::vector<cohort::PatientFiles>& patients,
                                            const SignatureTrainingOptions& options);

struct SignatureEvaluationOptions : SignatureOptions {
  std::vector<signature::SignatureSpecification> against;  ///< other ways to make it, which are compared with it
  /// Its specification, seed and threads are those above.
  analysis::SignatureEvaluationOptions evaluation;
  std::vector<cohort::PatientFiles> external;  ///< a second cohort, tried with the signature of all of the first
  pipeline::ClinicalTable external_clinical;
};
struct EvaluatedCohort {
  analysis::SignatureEvaluationResults results;  ///< its JSON with settings, comparison and audit
  /// A row a way, of the first repeat: C of pairs within folds with its interval, its P against the first; patients of
  /// high risk, and the log-rank P of the groups. And what each says of every patient.
  TextTable comparison, comparison_predictions;
  TextTable sequences;             ///< as TrainedCohort::sequences, of all patients of the cohort
  TextTable sequence_predictions;  ///< what the table's AUCs are of: a row a labelled patient
  std::vector<Failure> failures, external_failures;
};
/// What the signature of a cohort is worth: outer folds, in each of which everything is made anew; beside it other ways
/// to make it, each of radiomics with deep features and of radiomics alone, and the networks alone. Throws
/// Error{UnusableInput} where patients or deaths are too few.
[[nodiscard]] EvaluatedCohort evaluate_signature(const std::vector<cohort::PatientFiles>& patients,
                                                 const SignatureEvaluationOptions& options);

}  // namespace gliocast::study
