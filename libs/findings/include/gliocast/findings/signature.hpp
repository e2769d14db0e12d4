#pragma once
#include <gliocast/core/sequence.hpp>
#include <gliocast/findings/survival.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace gliocast::findings {

/// The model of a signature: a weighted sum of z-scores, low = poor survival.
struct SignatureModelFacts {
  std::string name{}, trained_on{};
  Sequence sequence = Sequence::T1Gd;  ///< of its radiomics
  std::size_t members = 0;             ///< signatures that are averaged
  bool deep = false;                   ///< reads features of networks too
  std::string unit{};                  ///< of time: "months"
  std::size_t n = 0, events = 0;       ///< patients of the training, and deaths
  double follow_up = 0;                ///< up to which every member's Cox model goes; 0: there is none
  bool demonstration = false;          ///< fitted to simulated patients
  /// Whether its networks started from published weights; nothing without networks, or where that is not known.
  std::optional<bool> transfer_learning{};
  std::string no_integrated{};  ///< why it has no integrated nomogram; empty where it has one

  friend bool operator==(const SignatureModelFacts&, const SignatureModelFacts&) = default;
};

/// What a feature adds to the signature: weight × z-score, over the number of members.
struct SignatureTerm {
  std::string feature{};   ///< its column; a deep one is of the member's own network
  std::size_t member = 1;  ///< whose weight and z-score these are, from 1
  double value = 0;        ///< of the feature
  std::string unit{};      ///< of the value; "1" without one
  double z = 0, weight = 0, adds = 0;

  friend bool operator==(const SignatureTerm&, const SignatureTerm&) = default;
};

/// Signatures of the training patients, each by a fit that had not seen the patient; of several members their means.
struct TrainingSignatures {
  double minimum = 0, low = 0, median = 0, high = 0, maximum = 0;  ///< low to high: nine in ten of them

  friend bool operator==(const TrainingSignatures&, const TrainingSignatures&) = default;
};

struct SignatureEstimate {
  double value = 0, cut = 0;
  bool high_risk = false;                        ///< the value is below the cut
  std::optional<TrainingSignatures> training{};  ///< nothing where a member has no Cox model
  std::vector<SignatureTerm> terms{};            ///< by the size of what they add; their sum is the value
  std::optional<SurvivalCurve> curve{};          ///< by the signature alone; it has neither predictors nor points
  bool grade_of_images = false;                  ///< as SurvivalEstimate's
  std::string told_basis{};                      ///< the basis in words, where it was read from a file
};

/// No signature, and why.
struct NoSignature {
  enum class Reason : std::uint8_t {
    NoLowerGrade,  ///< `grade` says why
    NoTumour,
    SequenceMissing,   ///< `sequence`
    SequenceEnds,      ///< `sequence` does not show the whole tumour
    FeatureUndefined,  ///< `told`: which
    PatientFitted,     ///< a network of the model was fitted to this patient
    Told
  };
  Reason reason = Reason::NoTumour;
  NoSurvival grade{};
  std::optional<Sequence> sequence{};
  std::string told{};

  friend bool operator==(const NoSignature&, const NoSignature&) = default;
};

/// What a signature says of the patient.
struct SignatureFinding {
  SignatureModelFacts model{};
  std::variant<NoSignature, SignatureEstimate> result{};
};

}  // namespace gliocast::findings
