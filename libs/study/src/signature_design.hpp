#pragma once
#include "survival_cohort.hpp"

#include <gliocast/core/json.hpp>
#include <gliocast/learn/crossed.hpp>
#include <gliocast/pipeline/fused_signature.hpp>
#include <gliocast/signature/choose_table.hpp>
#include <gliocast/signature/grouped_fold.hpp>
#include <gliocast/signature/signature_learner.hpp>
#include <gliocast/study/signature.hpp>

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace gliocast::study {

/// An outer fold of a repeat; the last of all has all rows and tests nobody.
struct SignatureFold : learn::CrossedFold {
  std::size_t repeat = 0, fold = 0;
};

/// The folds of every repeat with the halves of their training rows, dealt by event, then that of all rows; `folds` 0:
/// that alone. Throws Error{UnusableInput} where a part has too few patients with an event for one of `ways`.
[[nodiscard]] std::vector<SignatureFold> signature_folds(const SurvivalCohort& cohort,
                                                         const std::vector<signature::SignatureSpecification>& ways,
                                                         std::size_t folds, std::size_t repeats,
                                                         const SignatureOptions& options);

/// The two networks of a fold, each fitted on one half.
using NetworkPair = std::array<const pipeline::DeepFeatures*, 2>;

/// A signature that was fitted in one fold: its members, whose mean is meant.
struct FittedSignature {
  struct Member {
    const pipeline::DeepFeatures* network = nullptr;  ///< none: of radiomics alone
    learn::FeatureTable table;                        ///< the whole cohort, as the member reads it
    learn::Rows rows;                                 ///< that the signature was fitted to
    signature::SignatureFit fit;
  };
  std::vector<Member> members;

  [[nodiscard]] std::vector<std::shared_ptr<const signature::SignatureModel>> models() const;
  /// What it says of rows. Throws Error{UnusableInput} where a patient of them fitted one of the networks.
  [[nodiscard]] pipeline::MeanSignature say(const learn::Rows& rows, const std::vector<double>& times,
                                            double level = 0.95) const;
  /// Groups of these training rows for models of them, as the specification says.
  [[nodiscard]] std::vector<char> training_high_risk(const learn::Rows& training) const;
};

/// What fits signatures in folds. When it is made, each fold has its sequence and its networks: of every way in the
/// first repeat, elsewhere of the first way alone.
class CrossedFits {
 public:
  CrossedFits(const SurvivalCohort& cohort, std::vector<SignatureFold> folds,
              std::vector<signature::SignatureSpecification> ways, const SignatureOptions& options);

  [[nodiscard]] const std::vector<SignatureFold>& folds() const noexcept { return folds_; }
  [[nodiscard]] const std::vector<signature::SignatureSpecification>& ways() const noexcept { return ways_; }
  /// Of a fold: which of the cohort's tables was chosen.
  [[nodiscard]] std::size_t table(std::size_t fold) const { return chosen_.at(fold); }
  [[nodiscard]] FittedSignature fit(std::size_t fold, std::size_t way, bool deep) const;
  /// The losses that the ways need, each once; and the networks of a fold with one of them.
  [[nodiscard]] const std::vector<nn::PrognosisLoss>& losses() const noexcept { return losses_; }
  [[nodiscard]] NetworkPair networks(std::size_t fold, std::size_t loss) const;
  /// How the sequence was chosen among a fold's training patients; nothing where there is one alone.
  [[nodiscard]] const std::optional<signature::TableChoice>& choice(std::size_t fold) const {
    return choices_.at(fold);
  }
  /// Who was tested, who fitted what in a fold, and how the sequence was chosen.
  [[nodiscard]] const Json& audit(std::size_t fold) const { return audit_.at(fold); }

 private:
  void choose_sequences();
  void fit_networks();

  const SurvivalCohort& cohort_;
  std::vector<SignatureFold> folds_;
  std::vector<signature::SignatureSpecification> ways_;
  SignatureOptions o_;
  std::vector<nn::PrognosisLoss> losses_;
  std::vector<std::size_t> chosen_;
  std::vector<std::optional<signature::TableChoice>> choices_;
  std::vector<Json> audit_;
  std::vector<pipeline::DeepFeatures> networks_;
  std::vector<std::vector<std::size_t>> first_;  ///< [fold][loss] of a pair among networks_
};

/// Of an audit: a fitted signature's members, their features and networks.
[[nodiscard]] Json audit_of(const std::string& name, const FittedSignature& fitted);

}  // namespace gliocast::study
