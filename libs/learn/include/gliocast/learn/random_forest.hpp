#pragma once
#include <gliocast/core/json.hpp>
#include <gliocast/learn/learner.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace gliocast::learn {

enum class ForestTask { Classification, Regression };
/// What a bootstrap sample of a tree is drawn of.
enum class ForestSampling {
  Patients,  ///< all rows of a patient are in or out of the bag together
  Rows,
  None  ///< each tree sees every row once: nothing is out of bag
};
/// The loss whose growth under permutation is a column's importance.
enum class PermutationLoss {
  None,           ///< not computed
  Misclassified,  ///< share of rows on the wrong side of 1/2 (Breiman 2001); classification only
  Squared         ///< Brier score or mean squared error, as ranger
};

struct ForestOptions {
  ForestTask task = ForestTask::Classification;
  std::size_t trees = 100;
  std::size_t mtry = 0;       ///< columns drawn for a split; 0: √p, for regression p/3; at least 1
  std::size_t min_node = 1;   ///< a node of at most so many drawn rows is a leaf
  std::size_t max_depth = 0;  ///< splits on a path; 0: no limit
  ForestSampling sampling = ForestSampling::Patients;
  PermutationLoss permutation = PermutationLoss::None;
};

/// A tree in pre-order: node 0 is the root, the left child of node i is i + 1.
struct Tree {
  std::vector<std::int32_t> feature;  ///< column that splits; −1 at a leaf
  std::vector<double> value;          ///< threshold of a split, values <= it go left; prediction of a leaf
  std::vector<std::size_t> right;     ///< right child; 0 at a leaf

  /// Prediction for the row whose value in a column is at(column).
  template <class At>
  [[nodiscard]] double predict(const At& at) const {
    std::size_t node = 0;
    while (feature[node] >= 0)
      node = at(static_cast<std::size_t>(feature[node])) <= value[node] ? node + 1 : right[node];
    return value[node];
  }
};

/// Trees whose predictions are averaged. Immutable.
class RandomForest {
 public:
  /// `columns`: of the table it was fitted on.
  RandomForest(ForestTask task, std::size_t columns, std::vector<Tree> trees);
  /// Throws Error{UnusableInput} where `json` is no forest that to_json() could have written.
  static RandomForest from_json(const Json& json);

  /// Of each row the mean of the leaves' shares of positives, or of their means. `table`: the columns of the table it
  /// was fitted on. Throws Error{UnusableInput} naming a column that has missing values.
  [[nodiscard]] std::vector<double> predict(const FeatureTable& table) const;
  /// Nodes in pre-order; children are not written, since it gives them. Doubles come back bit by bit.
  [[nodiscard]] Json to_json() const;
  [[nodiscard]] const std::vector<Tree>& trees() const noexcept { return trees_; }
  [[nodiscard]] std::size_t columns() const noexcept { return columns_; }

 private:
  ForestTask task_;
  std::size_t columns_;
  std::vector<Tree> trees_;
  std::vector<std::size_t> used_;  ///< columns that a split asks for
};

/// A forest and what its fit tells.
struct ForestFit {
  RandomForest forest;
  /// Decrease of n × Gini impurity (or of the sum of squares) by the splits of each column, mean over trees: ranger's
  /// "impurity".
  std::vector<double> impurity;
  /// The same, a tree's summing to 1: scikit-learn's feature_importances_ (Louppe 2014, section 6.2).
  std::vector<double> impurity_share;
  /// Growth of the out-of-bag loss where a column's values are permuted, mean over trees; empty where not asked for.
  std::vector<double> permutation;
  std::vector<double> permutation_scaled;  ///< the same over its standard error across trees, 0 where that is 0
  std::vector<double> out_of_bag;          ///< of each row, prediction by the trees that did not see it; NaN where none
  double misclassified = 0;                ///< share of rows out of bag on the wrong side of 1/2; NaN in regression
  double squared_error = 0;                ///< Brier score or mean squared error out of bag; NaN where no row is
};

/// Grows trees by recursive splits of least Gini impurity or variance, each on `mtry` columns drawn anew, thresholds
/// midway between neighbouring values. Columns that are constant in a node are drawn but cannot split; drawing goes on
/// until one can, as in scikit-learn. `rows` may repeat; a repeated row keeps its patient. The same seed gives the same
/// forest for every number of threads. Throws Error{UnusableInput} naming a column with a value that is not finite,
/// without rows or columns, with one class, or with an outcome that is not finite.
/// Cost: trees × depth × mtry × rows. Source: Breiman 2001; probabilities of leaves: Malley et al. 2012.
[[nodiscard]] ForestFit fit_forest(const FeatureTable& table, const Rows& rows, const ForestOptions& options,
                                   const FitContext& context);

}  // namespace gliocast::learn
