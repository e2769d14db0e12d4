#pragma once
#include <gliocast/core/json.hpp>
#include <gliocast/learn/feature_table.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace gliocast::learn {

// A learner holds options; fit() gives an immutable model, which only applies and serialises. What selects or fits sees
// the rows that it is given and no others: cross-validation takes learners, never a selected matrix.

/// What a fit depends on besides its rows; the same gives the same model, whatever the number of threads.
struct FitContext {
  std::uint64_t seed = 1;
  std::size_t threads = 1;  ///< 0: all that the process may run on
};

class FeatureModel;

/// A step that gives fewer columns, and so needs fewer.
struct RestrictedModel {
  std::shared_ptr<const FeatureModel> model;
  std::vector<std::size_t> inputs;  ///< positions among the columns that the whole step takes
};

/// A fitted step of a chain: features in, features out. May be used by several threads.
class FeatureModel {
 public:
  virtual ~FeatureModel() = default;
  /// `table`: the columns of the table that it was fitted on, in that order. Returns as many rows.
  [[nodiscard]] virtual FeatureTable apply(const FeatureTable& table) const = 0;
  /// What read_step() makes the model from.
  [[nodiscard]] virtual Json to_json() const = 0;
  /// What a user should know of the fit; empty where nothing.
  [[nodiscard]] virtual std::vector<std::string> notes() const { return {}; }
  /// The step that gives the columns at these positions of what comes out, and no others: bundles hold no more than
  /// what matters. Nothing where every column depends on all.
  [[nodiscard]] virtual std::optional<RestrictedModel> restricted_to(const std::vector<std::size_t>& outputs) const {
    (void)outputs;
    return std::nullopt;
  }
};

class FeatureLearner {
 public:
  virtual ~FeatureLearner() = default;
  [[nodiscard]] virtual std::string name() const = 0;  ///< as chains declare it
  [[nodiscard]] virtual Json options() const = 0;      ///< all of them, defaults too
  /// Patients of each class without whom it cannot be fitted.
  [[nodiscard]] virtual std::size_t least_patients() const { return 1; }
  /// Rows may repeat (bootstrap). Throws Error{UnusableInput} where they are too few or of one class.
  [[nodiscard]] virtual std::shared_ptr<const FeatureModel> fit(const FeatureTable& table, const Rows& rows,
                                                                const FitContext& context) const = 0;
};

/// A fitted classifier. May be used by several threads.
class Classifier {
 public:
  virtual ~Classifier() = default;
  /// Of each row; more is more like the positive class, on a scale of the method.
  [[nodiscard]] virtual std::vector<double> decision(const FeatureTable& table) const = 0;
  /// Of the positive class, of each row.
  [[nodiscard]] virtual std::vector<double> probability(const FeatureTable& table) const = 0;
  /// What read_classifier() makes the model from.
  [[nodiscard]] virtual Json to_json() const = 0;
  [[nodiscard]] virtual std::vector<std::string> notes() const { return {}; }
};

class ClassifierLearner {
 public:
  virtual ~ClassifierLearner() = default;
  [[nodiscard]] virtual std::string name() const = 0;
  [[nodiscard]] virtual Json options() const = 0;
  /// Patients of each class without whom it cannot be fitted.
  [[nodiscard]] virtual std::size_t least_patients() const { return 1; }
  /// With a grid to choose from, the first of its candidates is fitted: choosing is the chain's, since the steps before
  /// must be fitted anew in each fold.
  [[nodiscard]] virtual std::shared_ptr<const Classifier> fit(const FeatureTable& table, const Rows& rows,
                                                              const FitContext& context) const = 0;
  /// What a grid search tries, each without a grid of its own; empty where there is nothing to choose.
  [[nodiscard]] virtual std::vector<std::shared_ptr<const ClassifierLearner>> grid() const { return {}; }
  /// The finer grid around the best of grid(); empty where there is none.
  [[nodiscard]] virtual std::vector<std::shared_ptr<const ClassifierLearner>> finer_grid(
      const ClassifierLearner& best) const {
    (void)best;
    return {};
  }
};

}  // namespace gliocast::learn
