#pragma once
#include "study_stages.hpp"

#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace gliocast::study {

// Networks that outline and are trained in the study (outlines.by: trained). Crossed: a fold's patients are outlined
// by the network of the other folds, everybody else by one of all. The paper's design: one split 6:2:2 of both cohorts.

[[nodiscard]] inline bool trains_outlines(const StudySettings& s) { return s.outlines.by == "trained"; }

/// The design in a sentence or two, for report and methods.
[[nodiscard]] std::string outline_design_text(const StudySettings& settings);

/// A network: who fits it and whom it outlines, by their ids.
struct OutlineNetwork {
  std::string fold;  ///< "1", "2" …, "all", or "one split"
  std::vector<std::string> training, validation;
  std::vector<std::string> tested;    ///< of the outlined those with a segmentation who fitted nothing
  std::vector<std::string> outlined;  ///< everybody is outlined by one network
};

/// Whom each network is fitted on, from the patients' files: no image is read. The last is the one for use. Throws
/// Error{UnusableInput} where too few patients have a segmentation, saying what to do.
[[nodiscard]] std::vector<OutlineNetwork> outline_plan(const StudyContext& context);

/// The paper's split of everybody by id: 0 training, 1 validation, 2 test; within grades and centres.
[[nodiscard]] std::map<std::string, std::size_t> pooled_split(const StudyContext& context);

/// What the networks depend on beside the files' contents.
[[nodiscard]] Json inputs_of_segmentation(const StudyContext& context);
/// Optimiser steps and windows of every network's fit, for its cost.
[[nodiscard]] nn::SegmentationTrainingOptions outline_training(const StudyContext& context);

/// Fits the networks into network_0 …; dice.tsv and dice_summary.tsv: tested patients' outlines beside the cohort's
/// segmentations; audit.json, last: who fitted which network, whom it outlined.
Json train_outlines(const StudyContext& context, const std::filesystem::path& folder);

/// Removes what an earlier run with other settings said, where the study trains none: the networks stay for another.
void forget_trained_outlines(const std::filesystem::path& out);

/// What train_outlines() said of these inputs: audit.json; null where the networks are not there, or are of others.
[[nodiscard]] Json trained_outlines(const StudyContext& context);
/// Of a study's folder the record that is written when the network of this number is fitted.
[[nodiscard]] std::filesystem::path outline_network_record(const std::filesystem::path& out, std::size_t number);
/// The bundle that outlines each patient, by trained_outlines().
[[nodiscard]] std::map<std::string, std::filesystem::path> outlining_bundles(const StudyContext& context);
/// Of a finished study's folder the bundle for use: of all patients, or of the split's training patients.
[[nodiscard]] std::filesystem::path outlining_bundle_for_use(const std::filesystem::path& out);

}  // namespace gliocast::study
