#pragma once
// A fused signature on patients who did not fit it.
#include <gliocast/learn/feature_table.hpp>
#include <gliocast/pipeline/examine.hpp>
#include <gliocast/pipeline/fused_signature.hpp>
#include <gliocast/survival/cox_model.hpp>

#include <string>
#include <vector>

namespace gliocast::study {

/// How patients are examined for a model: the options with its sequence, radiomics and slice.
[[nodiscard]] pipeline::ExamineOptions examination_for(const pipeline::FusedSignature& fused,
                                                       pipeline::ExamineOptions examine);

/// What the members say of patients, on average.
struct AppliedSignature {
  pipeline::MeanSignature said;
  std::vector<std::string> notes;  ///< features unlike those of training: doubtful, they begin with "warning: "
};
/// `slices`: of each row, where the members have networks. Throws Error{UnusableInput} where a patient fitted one of
/// the networks.
[[nodiscard]] AppliedSignature apply_signature(const pipeline::FusedSignature& fused,
                                               const learn::FeatureTable& radiomics,
                                               const std::vector<nn::TrainingCase>& slices, nn::Device device,
                                               const std::vector<double>& times, double level);

/// Survival of each row as a Cox model has it, without linear predictor and median.
[[nodiscard]] std::vector<survival::CoxPrediction> predictions_of(const pipeline::MeanSignature& said);

}  // namespace gliocast::study
