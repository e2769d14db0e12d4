#pragma once
#include <gliocast/learn/chain.hpp>
#include <gliocast/learn/split.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace gliocast::learn {

/// How a chain is judged: nested cross-validation, the whole chain fitted anew in every fold, or one split into
/// training, validation and test.
struct EvaluationOptions {
  std::size_t folds = 5, repeats = 1;  ///< outer folds; repeats deal them anew
  bool leave_centre_out = false;       ///< a fold a centre, in place of `folds`; not repeated
  /// Shares of training, validation and test, in place of `folds`; not repeated. Steps and classifier are fitted to the
  /// first, the choice from the grid, calibration and threshold made on the second, and the third is predicted once.
  std::vector<double> split{};
  std::uint64_t seed = 1;
  std::size_t threads = 0;
  std::function<void()> on_fit{};  ///< once for each of fits_of(), for progress; from any thread, one call at a time
};

/// A row while it was left out.
struct HeldOut {
  std::size_t row = 0, repeat = 0, fold = 0;
  double probability = 0;
  bool positive = false;  ///< by the threshold of the chain that was fitted without it
};
struct FittedFold {
  std::size_t repeat = 0, fold = 0;
  std::vector<std::string> selected;
  DeclaredStep classifier;  ///< what the grid search chose
  double threshold = 0;
  std::vector<std::string> notes;  ///< of the chain that was fitted without the fold
};
struct Evaluation {
  /// Every row once a repeat, in order of repeat and row; of a split the rows of its test part.
  std::vector<HeldOut> predictions;
  std::vector<FittedFold> folds;
  std::vector<std::string> notes;           ///< of the folds
  Split split;                              ///< of the rows, where they were split
  std::shared_ptr<const ChainModel> model;  ///< of the split

  /// Mean over repeats of a row's probability, one a row; NaN where it was not predicted.
  [[nodiscard]] std::vector<double> mean_probability(std::size_t rows) const;
};

/// How many fits of the chain an evaluation takes.
[[nodiscard]] std::size_t fits_of(const FeatureTable& table, const EvaluationOptions& options);

/// The rows of the test part of each outer fold. Throws Error{UnusableInput} with fewer patients of a class than two,
/// fewer centres than two, or a centre without which a class is missing.
[[nodiscard]] std::vector<Rows> outer_folds(const FeatureTable& table, const EvaluationOptions& options,
                                            std::size_t repeat);

/// Seed of what is dealt and fitted in a repeat: the same whatever the number of repeats.
[[nodiscard]] std::uint64_t seed_of_repeat(const EvaluationOptions& options, std::size_t repeat);

/// Judges a chain: each row is predicted by chains that were fitted without its patient. Throws Error{UnusableInput} as
/// ChainLearner::fit, split_rows(), with patients too few for the folds before anything is fitted, and where a column's
/// network was fitted on one of the patients (of a split: of those of validation and test).
[[nodiscard]] Evaluation evaluate(const FeatureTable& table, const ChainLearner& learner,
                                  const EvaluationOptions& options);

/// What a chain would seem to do if its steps saw the rows that it is judged by.
struct LeakingEvaluation {
  std::vector<double> probability;  ///< one a row; NaN where it was not predicted
  std::vector<std::string> notes;   ///< of the steps fitted to all rows, and of the classifier in its folds
};
/// The leak, to show beside the honest number: the steps are fitted on all rows, the classifier alone is
/// cross-validated on what they selected.
[[nodiscard]] LeakingEvaluation evaluate_with_leak(const FeatureTable& table, const ChainSpecification& chain,
                                                   const EvaluationOptions& options);

/// The table with the classes shuffled among patients.
[[nodiscard]] FeatureTable with_permuted_classes(const FeatureTable& table, std::uint64_t seed);

}  // namespace gliocast::learn
