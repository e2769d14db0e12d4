#pragma once
#include <gliocast/core/json.hpp>
#include <gliocast/core/sequence.hpp>
#include <gliocast/nn/training.hpp>
#include <gliocast/nn/training_case.hpp>
#include <gliocast/pipeline/network_bundle.hpp>

#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace gliocast::pipeline {

/// What a network that was fitted on some patients of a cohort says of all of them.
struct DeepFeatures {
  std::string network;                 ///< checksum of its bundle
  std::filesystem::path bundle;        ///< its folder
  std::vector<std::string> fitted_on;  ///< ids of the patients who fitted it or chose among its epochs, ascending
  std::vector<std::string> names;      ///< of the features, see deep_column()
  /// Of each case, in order: as many as the network has features (128 at the default width).
  std::vector<std::vector<double>> features;
  /// The network's own, end to end: of grading the log odds of high grade, not calibrated.
  std::vector<double> score;
};

/// What any network's deep features are made with.
struct FeatureRun {
  std::filesystem::path folder;       ///< a folder a network goes here, named by what it depends on
  std::string name;                   ///< of the bundle
  std::string training_data;          ///< a sentence for its card
  std::vector<Sequence> channels;     ///< of the cases
  bool simulated = false;             ///< some patients are: the network is a demonstration
  std::vector<std::string> contents;  ///< of each case, from case_contents()
};

struct DeepFeatureOptions : FeatureRun {
  nn::GradingTrainingOptions training;  ///< its folder and checkpoints are set here
};

/// Changes with what a network reads of a case.
[[nodiscard]] std::string case_contents(const nn::TrainingCase& c);

/// Fits a grading network on the cases at `training` and reads every case with it; epochs are chosen by the cases at
/// `validation` where there are any. What was fitted before on the same cases, classes and options is read back; a
/// training that was cut short goes on; what is damaged is made again. Reads with the weights as the bundle holds them
/// (half precision), so that whoever has the bundle gets the same features. One thread, for the same bits whatever runs
/// beside it. Beside the bundle: deep_features.tsv and its data dictionary, which names network and patients. Throws
/// Error{Interrupted} where the user asked to stop, Error{UnusableInput} where the training ran away (features that are
/// no numbers).
[[nodiscard]] DeepFeatures fit_deep_features(const std::vector<nn::TrainingCase>& cases,
                                             const std::vector<std::size_t>& training,
                                             const std::vector<std::size_t>& validation,
                                             const DeepFeatureOptions& options, const nn::EpochCallback& on_epoch = {});

/// What the grading network of a bundle says of cases whose patients did not fit it. Throws Error{MissingModel} where
/// it cannot read them.
[[nodiscard]] DeepFeatures read_patches(const NetworkBundle& networks, const std::vector<nn::TrainingCase>& cases,
                                        nn::Device device);

}  // namespace gliocast::pipeline
