#pragma once
#include <gliocast/core/json.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace gliocast::signature {

/// What forest and elastic net are fitted to.
enum class Target {
  Cox,  ///< forest: martingale residuals of the Cox model without covariates; weights: elastic-net Cox model
  Time  ///< both: the logarithm of the time, censored times taken as deaths (Xu 2022)
};
/// By which signature training rows are in their group, for models that are fitted to the groups.
enum class TrainingGroups {
  HeldOut,  ///< by fits within that left the patient out, each with its own cut
  InSample  ///< by the signature that was fitted to them, which flatters
};
/// What becomes of a fit whose elastic net keeps no feature at its λ.
enum class NothingKept {
  Constant,  ///< the signature is constant, and says so
  First      ///< the first point of the path that has a feature is taken, and told
};

/// How a signature is made: z-scores, a forest that keeps candidates, an elastic net that weighs them.
struct SignatureSpecification {
  std::string name = "default";
  Target target = Target::Cox;
  std::size_t trees = 100;                        ///< of the forest
  std::size_t mtry = 0;                           ///< columns drawn for a split; 0: a third
  std::size_t candidates = 10;                    ///< that the forest keeps
  std::vector<double> alpha{0.25, 0.5, 0.75, 1};  ///< shares of the lasso, chosen among by cross-validation
  std::string lambda = "min";                     ///< min, 1se, or a number (of one alpha)
  std::size_t folds = 5;  ///< within: of the choice of alpha and λ, and of the held-out signature
  TrainingGroups groups = TrainingGroups::HeldOut;
  NothingKept nothing_kept = NothingKept::Constant;
  double most_missing = 0.5;  ///< share of missing cells above which a feature is left out

  friend bool operator==(const SignatureSpecification&, const SignatureSpecification&) = default;
};

/// From YAML text; every option is checked. Throws Error{UnusableInput} with the line; `source` names the text.
[[nodiscard]] SignatureSpecification parse_specification(const std::string& yaml, const std::string& source);
/// The same text with every option, as a user may keep and change it.
[[nodiscard]] std::string to_yaml(const SignatureSpecification& specification);
/// "default" (target cox) or "paper" (Xu 2022: target time, groups in-sample). Throws Error{WrongUse} that lists them.
[[nodiscard]] SignatureSpecification preset_specification(const std::string& name);

[[nodiscard]] Json to_json(const SignatureSpecification& specification);
/// What to_json() wrote, or a user's options. Throws Error{UnusableInput} whose place is the option.
[[nodiscard]] SignatureSpecification specification_of(const Json& json);

/// The number that `lambda` is; 0 where it is a rule.
[[nodiscard]] double lambda_number(const SignatureSpecification& specification);

}  // namespace gliocast::signature
