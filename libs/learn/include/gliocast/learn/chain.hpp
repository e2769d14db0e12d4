#pragma once
#include <gliocast/learn/calibration.hpp>
#include <gliocast/learn/learner.hpp>
#include <gliocast/learn/standardise.hpp>

#include <cstddef>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <vector>

namespace gliocast::learn {

/// A step of a chain as it is declared: its name and the options that differ from their defaults.
struct DeclaredStep {
  std::string name;
  Json options = Json::object();
};

/// What is done to a table of features: steps, one after another, a classifier, and how its scores become
/// probabilities and classes.
struct ChainSpecification {
  std::string name;
  std::vector<DeclaredStep> steps;
  DeclaredStep classifier;
  std::size_t folds = 5;  ///< of the cross-validation within, which chooses, calibrates and sets the threshold
  std::string calibration =
      "platt";  ///< of the scores of the patients left out within: platt, logistic, isotonic or none
  std::string threshold = "youden";  ///< of the class: youden (of the same patients), or a probability
};

/// A chain from YAML text: `name`, `steps` (a list of names, or of name: {options}), `classifier`, `folds`,
/// `calibration`, `threshold`. Every step and option is checked. Throws Error{UnusableInput}; `source` names the text.
[[nodiscard]] ChainSpecification parse_chain(const std::string& yaml, const std::string& source);
/// The same text with every option, as a user may keep and change it.
[[nodiscard]] std::string chain_to_yaml(const ChainSpecification& chain);
/// "paper" (METHOD of Xu 2022: Levene's choice of t-test, LASSO, forest's 8, SVM with a grid) or "screen-lasso-svm".
/// Throws Error{WrongUse} that lists the names.
[[nodiscard]] ChainSpecification preset_chain(const std::string& name);
[[nodiscard]] std::vector<std::string> chain_presets();

/// A fitted chain.
class ChainModel final : public Classifier {
 public:
  struct Parts {
    ChainSpecification chain;
    std::vector<std::string> features;  ///< columns of the training table, in order
    std::vector<std::shared_ptr<const FeatureModel>> steps;
    DeclaredStep classifier;  ///< what was chosen
    std::shared_ptr<const Classifier> model;
    Calibration calibration;            ///< of its scores
    double threshold = 0.5;             ///< of the probability, for the class
    std::vector<std::string> selected;  ///< what the classifier reads
    /// Of each of `features`: checksum of the network that made it, empty where it is a measurement; empty: all are.
    std::vector<std::string> networks;
    /// AUC of the patients left out within by what was chosen: to choose between tables, not to be told (the choice
    /// flatters it). NaN in a model that was read.
    double inner_auc = std::numeric_limits<double>::quiet_NaN();
    std::vector<std::string> notes;
  };
  explicit ChainModel(Parts parts);
  /// Throws Error{UnusableInput} where the JSON is no chain.
  static std::shared_ptr<const ChainModel> from_json(const Json& json);

  /// The classifier's score. Columns are found by name; one that does not matter to it may lack. Throws
  /// Error{UnusableInput} naming those that lack, or one that another network made.
  [[nodiscard]] std::vector<double> decision(const FeatureTable& table) const override;
  [[nodiscard]] std::vector<double> probability(const FeatureTable& table) const override;
  [[nodiscard]] Json to_json() const override;
  [[nodiscard]] std::vector<std::string> notes() const override { return parts_.notes; }

  /// The table with the columns that the first step takes; those that do not matter to the classifier may lack.
  [[nodiscard]] FeatureTable input_of(const FeatureTable& table) const;
  /// The columns that a table must have: those that matter to the classifier.
  [[nodiscard]] const std::vector<std::string>& needed_columns() const;
  /// What the classifier reads of a table: after all steps, [rows, selected].
  [[nodiscard]] FeatureTable selected_features(const FeatureTable& table) const;
  /// The probability of such features.
  [[nodiscard]] std::vector<double> probability_of_selected(const FeatureTable& selected) const;
  [[nodiscard]] const Parts& parts() const noexcept { return parts_; }

 private:
  Parts parts_;
};

/// range_warnings() of the features that a chain's first step scales; nothing where that is not standardise.
[[nodiscard]] std::vector<RangeWarning> range_warnings(const ChainModel& model, const FeatureTable& table);

/// What comes out of a chain's steps, and what a user should know of them.
struct SelectedTable {
  FeatureTable table;
  std::vector<std::string> notes;
};

/// What fits a chain: every step, the choice from a grid, calibration and threshold, all of them from the rows given.
class ChainLearner {
 public:
  /// Throws Error{UnusableInput} where a step or option is wrong.
  explicit ChainLearner(ChainSpecification chain);
  [[nodiscard]] const ChainSpecification& chain() const noexcept { return chain_; }
  /// Cross-validation within goes by patients, within classes. Throws Error{UnusableInput} where there are fewer
  /// patients of a class than patients_needed(), before anything is fitted.
  [[nodiscard]] std::shared_ptr<const ChainModel> fit(const FeatureTable& table, const Rows& rows,
                                                      const FitContext& context) const;
  /// The chain fitted to each of these row sets, on all threads together. `on_fit`: called once for each, when as much
  /// work is done; from any thread, one call at a time.
  [[nodiscard]] std::vector<std::shared_ptr<const ChainModel>> fit_each(const FeatureTable& table,
                                                                        const std::vector<Rows>& row_sets,
                                                                        const FitContext& context,
                                                                        const std::function<void()>& on_fit = {}) const;
  /// Steps and classifier fitted to the training rows; what the grid has to offer, calibration and threshold chosen on
  /// the validation rows alone, in place of folds within. Throws Error{UnusableInput} as fit().
  [[nodiscard]] std::shared_ptr<const ChainModel> fit_validated(const FeatureTable& table, const Rows& training,
                                                                const Rows& validation,
                                                                const FitContext& context) const;
  /// Patients of each class that a fit needs; with `outer_folds` that fits without one of so many folds need.
  [[nodiscard]] std::size_t patients_needed(std::size_t outer_folds = 0) const;
  /// Throws Error{UnusableInput} that says how many patients of each class are needed, where one has fewer.
  void require_patients(const FeatureTable& table, const Rows& rows, std::size_t outer_folds = 0) const;
  /// What comes out of the steps, fitted to all rows of the table: what a chain fitted to them has its classifier read.
  [[nodiscard]] SelectedTable select(const FeatureTable& table, const FitContext& context) const;

 private:
  /// What steps and classifier need of each class, without folds within.
  [[nodiscard]] std::size_t patients_without_folds() const;

  ChainSpecification chain_;
  std::vector<std::shared_ptr<const FeatureLearner>> steps_;
  std::shared_ptr<const ClassifierLearner> classifier_;
};

/// folds_by_patient() within classes, no more than the rarer class has patients. Throws Error{UnusableInput} where that
/// is fewer than two.
[[nodiscard]] std::vector<std::size_t> folds_of_both_classes(const FeatureTable& table, const Rows& rows,
                                                             std::size_t folds, std::uint64_t seed);

}  // namespace gliocast::learn
