#pragma once
#include <gliocast/learn/classifier_bundle.hpp>
#include <gliocast/pipeline/network_bundle.hpp>
#include <gliocast/radiomics/parameters.hpp>

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gliocast::pipeline {

/// Grading by radiomics and deep features together. A member's network was fitted on one part of the patients, its
/// classifier on the others, with that network's features; probabilities of the members are averaged. Columns of the
/// classifiers: features as PyRadiomics names them and deep_column() of their own network.
struct FusedGrading {
  struct Member {
    NetworkBundle network;
    learn::TrainedClassifier classifier;
  };
  models::Bundle bundle;               ///< kind FusedGrading; payload: radiomics (a preset's name, or parameters)
  Sequence sequence = Sequence::T1Gd;  ///< of the radiomics
  std::string input = "patch";         ///< what the networks read: "patch" (about the tumour) or "brain" (its box)
  bool demonstration = false;          ///< fitted to simulated patients
  std::vector<Member> members;
};

/// Reads the bundle with its members. Throws Error{MissingModel} as read_networks() and read_classifier_bundle(), where
/// a member is not the one it was written with (a network and a classifier belong together), where members differ in
/// channels, spacing, patch or number of refits, or a classifier does not tell high grade from low, knows another
/// network than its own, or needs columns that are not computed of a patient.
[[nodiscard]] FusedGrading read_fused_grading(const std::filesystem::path& folder);

/// Writes the members as bundles of their own (network_0, classifier_0, …), then model.json with their checksums;
/// payload.radiomics is "paper788" where nothing is said. Throws Error{WrongUse} without a member.
void write_fused_grading(const std::filesystem::path& folder, const FusedGrading& fused);

/// The radiomics that the members' classifiers need and no others, of z-scores times 100: the image types and features
/// of payload.radiomics that a column names. Throws Error{MissingModel} where a column is none of them.
[[nodiscard]] radiomics::Parameters fused_radiomics(const FusedGrading& fused);
/// The same of any bundle with payload.radiomics and the columns that it needs; deep features among them are passed
/// over.
[[nodiscard]] radiomics::Parameters needed_radiomics(const models::Bundle& bundle,
                                                     const std::vector<std::string>& columns);

/// "deep_001" for index 0.
[[nodiscard]] std::string deep_column(std::size_t index);
/// The index of such a name; nothing where it is none.
[[nodiscard]] std::optional<std::size_t> deep_index(std::string_view column);

}  // namespace gliocast::pipeline
