#pragma once
#include <gliocast/analysis/signature_model.hpp>
#include <gliocast/pipeline/examine.hpp>

#include <filesystem>
#include <vector>

namespace gliocast::study {

struct SignaturePredictionOptions {
  std::filesystem::path model;       ///< a bundle of kind fused-signature, or signature
  std::filesystem::path work;        ///< patients' files go here; a later run goes on from them
  pipeline::ExamineOptions examine;  ///< of a fused model its sequence, slice and radiomics are taken
  std::vector<double> times;         ///< at which survival is predicted, in the unit of the training
  double level = 0.95;
};
struct PredictedCohort {
  analysis::SignaturePrediction prediction;  ///< without rows where no patient could be used
  std::vector<Failure> failures;             ///< patients who could not be used, which work/failures.tsv holds too
};
/// Signature, group and survival of new patients. A fused model says the mean of its members, with the means of their
/// limits; a signature that was trained on a table reads the radiomics of the first of examine.sequences. A patient
/// without the sequence gets no number, and is told. Throws Error{MissingModel} as read_fused_signature() and
/// read_signature(), Error{UnusableInput} where a patient fitted one of the networks or the model needs other features.
[[nodiscard]] PredictedCohort predict_signatures(const std::vector<cohort::PatientFiles>& patients,
                                                 const SignaturePredictionOptions& options);

}  // namespace gliocast::study
