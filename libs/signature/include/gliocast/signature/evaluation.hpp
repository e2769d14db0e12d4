#pragma once
#include <gliocast/signature/grouped_fold.hpp>
#include <gliocast/signature/signature_learner.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace gliocast::signature {

struct EvaluationOptions {
  std::size_t folds = 5, repeats = 1;  ///< outer folds, dealt by patient within events; repeats deal them anew
  std::vector<double> times{};         ///< at which survival is predicted
  std::uint64_t seed = 1;
  std::size_t threads = 0;
  std::function<void()> on_fit{};  ///< once for each of fits_of(), for progress; from any thread, one call at a time
};

/// A row while it was left out.
struct HeldOutRow {
  std::size_t row = 0, repeat = 0, fold = 0;
  double signature = 0;
  bool high_risk = false;  ///< by the cut of the signature that was fitted without it
  survival::CoxPrediction survival;
};
struct FittedFold {
  std::size_t repeat = 0, fold = 0;
  std::shared_ptr<const SignatureModel> model;  ///< fitted without the fold
  GroupedFold groups;
};
struct SignatureEvaluation {
  std::vector<HeldOutRow> predictions;  ///< every row once a repeat, in order of repeat and row
  std::vector<FittedFold> folds;
  std::vector<std::string> notes;  ///< doubtful ones begin with "warning: "
};

/// How many fits an evaluation takes.
[[nodiscard]] std::size_t fits_of(const SurvivalTable& table, const EvaluationOptions& options);

/// Judges a way to make signatures: each row gets its signature, group and survival from a fit without its patient.
/// Throws Error{UnusableInput} as SignatureLearner::fit(), with too few patients with an event for the folds before
/// anything is fitted, and where a column's network was fitted on one of the patients.
[[nodiscard]] SignatureEvaluation evaluate_signature(const SurvivalTable& table, const SignatureLearner& learner,
                                                     const EvaluationOptions& options);

/// The leak, to show beside the honest number: the forest's candidates are chosen on all rows, what follows is
/// cross-validated on them, once.
[[nodiscard]] SignatureEvaluation evaluate_with_leak(const SurvivalTable& table, const SignatureLearner& learner,
                                                     const EvaluationOptions& options);

/// By what the variance of patients with the fits held fixed is multiplied: fits of different folds share patients, so
/// that a number of one run scatters more than its test rows say (Nadeau & Bengio 2003).
[[nodiscard]] inline double variance_factor(std::size_t folds, std::size_t repeats) {
  const auto k = static_cast<double>(folds);
  return 1 / static_cast<double>(repeats) + k / (k - 1);
}

/// Groups of the training rows of a fit, and of another table's rows by its model.
[[nodiscard]] GroupedFold external_groups(const SignatureFit& fit, const std::vector<double>& external_signature);

}  // namespace gliocast::signature
