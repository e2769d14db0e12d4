#pragma once
#include <gliocast/pipeline/network_bundle.hpp>
#include <gliocast/signature/signature_bundle.hpp>

#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

namespace gliocast::pipeline {

/// A signature of radiomics and, mostly, deep features. A member's network was fitted on one part of the patients, its
/// signature on the others, with that network's features; the members' signatures are averaged.
struct FusedSignature {
  struct Member {
    std::optional<NetworkBundle> network;  ///< none: of radiomics alone
    signature::TrainedSignature signature;
  };
  models::Bundle bundle;               ///< kind FusedSignature; payload: radiomics (a preset's name)
  Sequence sequence = Sequence::T1Gd;  ///< of the radiomics
  bool demonstration = false;          ///< fitted to simulated patients
  std::vector<Member> members;
  /// Cox models (kind Cox) of the training patients' clinical facts, and of those with the column
  /// signature::kRiskGroup; a patient's group is that of mean_signature().
  std::optional<models::Bundle> clinical_nomogram{}, integrated_nomogram{};
};

/// Of a bundle's card: why it has no integrated nomogram.
inline constexpr const char* kNoIntegrated = "no_integrated_nomogram";

/// Reads the bundle with its members. Throws Error{MissingModel} as read_networks(), prognosis_reading() and
/// signature::read_signature(), where a member or a nomogram is not the one it was written with, members read other
/// slices, a signature needs features that its network does not give or another network made, or a nomogram is no Cox
/// model.
[[nodiscard]] FusedSignature read_fused_signature(const std::filesystem::path& folder);

/// Writes the members as bundles of their own (network_0, signature_0, …) and the nomograms there are
/// (nomogram_clinical.json, nomogram_integrated.json), then model.json with their checksums. Throws Error{WrongUse}
/// without a member.
void write_fused_signature(const std::filesystem::path& folder, const FusedSignature& fused);

/// What several signatures say of the same rows.
struct MeanSignature {
  std::vector<double> signature;              ///< mean of the members'
  double cut = 0;                             ///< mean of the members'
  std::vector<char> high_risk;                ///< below the cut
  std::vector<std::vector<double>> survival;  ///< [row][time], mean of the members'; NaN where one has no Cox model
  /// Means of the members' limits, as if the members erred together.
  std::vector<std::vector<double>> survival_low, survival_high;
};
/// `tables`: the rows as each of the models reads them; `level` of the limits.
[[nodiscard]] MeanSignature mean_signature(const std::vector<std::shared_ptr<const signature::SignatureModel>>& models,
                                           const std::vector<learn::FeatureTable>& tables,
                                           const std::vector<double>& times, double level = 0.95);

}  // namespace gliocast::pipeline
