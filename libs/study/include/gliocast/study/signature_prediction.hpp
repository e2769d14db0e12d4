#pragma once
#include <gliocast/core/table.hpp>
#include <gliocast/pipeline/examine.hpp>

#include <filesystem>
#include <vector>

namespace gliocast::study {

struct SignaturePredictionOptions {
  std::filesystem::path out;
  std::filesystem::path model;       ///< a bundle of kind fused-signature, as run_signature() leaves it
  pipeline::ExamineOptions examine;  ///< its folder, sequences, slice and radiomics are set here, by the model
  std::vector<double> times;         ///< at which survival is predicted, in the unit of the training
};

/// Signature, group and survival of new patients, by the model's members on average: out/signatures.tsv and
/// signatures.json. A patient without the model's sequence gets no number, and is told. Returns the patients who could
/// not be used. Throws Error{MissingModel} as read_fused_signature(), Error{UnusableInput} where a patient fitted one
/// of the networks.
[[nodiscard]] std::vector<Failure> predict_signatures(const std::vector<cohort::PatientFiles>& patients,
                                                      const SignaturePredictionOptions& options);

}  // namespace gliocast::study
