#pragma once
#include <gliocast/learn/chain.hpp>
#include <gliocast/learn/evaluation.hpp>

#include <array>
#include <memory>
#include <string>
#include <vector>

namespace gliocast::learn {

// Features that are fitted themselves, as a network's are, flatter the patients who fitted them: a chain that is fitted
// on those patients learns to trust what is not there in others. So one half of the training patients fits the
// network, the other half, with that network's features, the chain; then the halves are crossed, and the two
// probabilities averaged.

/// What makes features by fitting: a network. May be called by several threads.
class FeatureFitter {
 public:
  virtual ~FeatureFitter() = default;
  /// Features of every row of the cohort, by what was fitted on the patients of `rows` and no others. Columns carry
  /// their origin.
  [[nodiscard]] virtual FeatureTable fit(const Rows& rows) const = 0;
};

/// The training rows of one fold in two halves of patients, within classes. Throws Error{UnusableInput} with fewer than
/// two patients of a class.
[[nodiscard]] std::array<Rows, 2> crossed_halves(const FeatureTable& table, const Rows& training, std::uint64_t seed);

/// The whole cohort as each of two members reads it: `table` with the features behind it that one half fitted; the
/// member is fitted on the other half. Throws Error{UnusableInput} where a patient is in both.
[[nodiscard]] std::array<FeatureTable, 2> crossed_tables(const FeatureTable& table, const FeatureFitter& fitter,
                                                         const std::array<Rows, 2>& halves);

/// Two chains, each fitted on one half with features that the other half fitted.
struct CrossedChains {
  std::array<std::shared_ptr<const ChainModel>, 2> models;
  std::array<FeatureTable, 2> tables;  ///< of the whole cohort, as each of the models reads it

  /// Mean of the two probabilities of these rows. Throws Error{UnusableInput} where one is of a patient who fitted a
  /// network.
  [[nodiscard]] std::vector<double> probability(const Rows& rows) const;
  /// Mean of the two thresholds.
  [[nodiscard]] double threshold() const;
};

/// Fits both. `table`: measurements of the whole cohort, with its classes; the fitter's features stand behind them.
[[nodiscard]] CrossedChains fit_crossed(const FeatureTable& table, const FeatureFitter& fitter,
                                        const ChainLearner& learner, const std::array<Rows, 2>& halves,
                                        const FitContext& context);

/// One fold of a study: who trains, crossed, and who is tested.
struct CrossedFold {
  std::array<Rows, 2> halves;
  Rows training, test;
  std::uint64_t seed = 1;  ///< of what is fitted in it
};
/// The outer folds of a repeat, as evaluate() has them, with the halves of their training rows.
[[nodiscard]] std::vector<CrossedFold> crossed_folds(const FeatureTable& table, const EvaluationOptions& options,
                                                     std::size_t repeat);

}  // namespace gliocast::learn
