#pragma once
#include "survival_cohort.hpp"

#include <gliocast/core/json.hpp>
#include <gliocast/learn/crossed.hpp>
#include <gliocast/study/signature.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace gliocast::study {

/// What one way to tell risk says of patients while they were tested, one entry a patient.
struct TestedSignature {
  std::string name;
  std::vector<double> risk;                   ///< higher in who dies first: minus the signature, or a network's own
  std::vector<char> high_risk;                ///< empty of a network alone, which has no cut
  std::vector<std::vector<double>> survival;  ///< [patient][time]; empty of a network alone
};

/// A network, and the rows that the signature of its features is fitted on.
struct SignatureMember {
  const pipeline::DeepFeatures* network = nullptr;
  learn::Rows signature_rows;
};

struct StudiedSignatures {
  std::vector<int> fold;                         ///< of each patient
  std::vector<TestedSignature> tested;           ///< first the one that the model for use is made by
  Json audit = Json::array();                    ///< a fold each
  std::vector<pipeline::DeepFeatures> networks;  ///< that members point into
  std::vector<SignatureMember> members;          ///< of the model for use; none without deep features
  std::size_t table = 0;                         ///< of the model for use: which of the cohort's
};

/// The outer folds with the halves of their training rows, dealt by event; the last has all rows and tests nobody.
/// Throws Error{UnusableInput} where a part has too few patients with an event.
[[nodiscard]] std::vector<learn::CrossedFold> signature_folds(const SurvivalCohort& cohort,
                                                              const SignatureOptions& options);

/// Tests every way on every patient.
[[nodiscard]] StudiedSignatures run_crossed_signatures(const SurvivalCohort& cohort,
                                                       const std::vector<learn::CrossedFold>& folds,
                                                       const SignatureOptions& options);

}  // namespace gliocast::study
