#pragma once
#include <gliocast/nn/prognosis_training.hpp>
#include <gliocast/pipeline/deep_features.hpp>
#include <gliocast/pipeline/network_bundle.hpp>

#include <cstddef>
#include <vector>

namespace gliocast::pipeline {

struct PrognosisFeatureOptions : FeatureRun {
  nn::PrognosisTrainingOptions training;  ///< its folder and checkpoints are set here
  nn::TensorFile initial;                 ///< weights to start from, named by training.start; may be empty
};

/// As fit_deep_features(), by a prognosis network on slices (nn::tumour_slice): DeepFeatures::score is the network's
/// own risk, higher in who dies first.
[[nodiscard]] DeepFeatures fit_prognosis_features(const std::vector<nn::PrognosisCase>& cases,
                                                  const std::vector<std::size_t>& training,
                                                  const std::vector<std::size_t>& validation,
                                                  const PrognosisFeatureOptions& options,
                                                  const nn::EpochCallback& on_epoch = {});

/// What the network of a bundle says of slices whose patients did not fit it. Throws Error{MissingModel} where it
/// cannot read them.
[[nodiscard]] DeepFeatures read_slices(const NetworkBundle& networks, const std::vector<nn::TrainingCase>& slices,
                                       nn::Device device);

}  // namespace gliocast::pipeline
