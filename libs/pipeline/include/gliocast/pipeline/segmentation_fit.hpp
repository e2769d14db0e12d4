#pragma once
#include <gliocast/core/json.hpp>
#include <gliocast/nn/segmentation_network.hpp>
#include <gliocast/nn/training.hpp>
#include <gliocast/nn/training_case.hpp>
#include <gliocast/pipeline/deep_features.hpp>

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace gliocast::pipeline {

/// A network's outline of a case beside the cohort's own segmentation, on the training grid: threshold 0.5, largest
/// components, as a prediction makes it.
struct OutlineAgreement {
  std::string id;
  double dice = 0;
  double true_cm3 = 0, outlined_cm3 = 0;
  std::vector<double> inner_dice{};  ///< of core and enhancing tumour within the outline, where the network has them
};
[[nodiscard]] OutlineAgreement outline_agreement(const nn::SegmentationNetwork& network, const nn::TrainingCase& c,
                                                 nn::TumourTarget target);

/// A segmentation network's bundle but for its training record: options, channels, grid, target, preprocessing.
[[nodiscard]] models::Bundle segmentation_bundle(const std::string& name, const nn::SegmentationTrainingOptions& o,
                                                 const std::vector<Sequence>& channels, double spacing_mm);

/// Places among a cohort's cases.
struct SegmentationParts {
  std::vector<std::size_t> training, validation;  ///< who fits the network, who chooses among its epochs
  std::vector<std::size_t> tested;                ///< who is outlined to be compared; none of the others
};
/// `folder` is the network's own here.
struct SegmentationRun : FeatureRun {
  nn::SegmentationTrainingOptions training;  ///< its folder and checkpoints are set here
};
struct FittedSegmentation {
  std::filesystem::path bundle;  ///< its folder
  std::string checksum;          ///< of the bundle
  std::int64_t best_epoch = 0;   ///< whose weights these are
  std::vector<OutlineAgreement> tested;
};

/// Fits a segmentation network on some cases of a cohort and outlines the tested ones with the bundle's weights (half
/// precision). One that was fitted before on the same cases and options is read back; a training that was cut short
/// goes on; what was begun with other cases or options is removed. One thread, for the same bits whatever runs beside
/// it. Throws Error{Interrupted} where the user asked to stop, Error{UnusableInput} where the training ran away.
[[nodiscard]] FittedSegmentation fit_segmentation(const std::vector<nn::TrainingCase>& cases,
                                                  const SegmentationParts& parts, const SegmentationRun& run,
                                                  const nn::EpochCallback& on_epoch = {});

}  // namespace gliocast::pipeline
