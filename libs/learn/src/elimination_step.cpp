#include "columns.hpp"
#include "step_entry.hpp"
#include "svm_function.hpp"

#include <gliocast/learn/feature_elimination.hpp>
#include <gliocast/learn/folds.hpp>
#include <gliocast/learn/random_forest.hpp>
#include <gliocast/learn/ridge_logistic.hpp>
#include <gliocast/learn/selection.hpp>
#include <gliocast/learn/step_options.hpp>

namespace gliocast::learn {
namespace {

/// Of the SVM: at libsvm's 1e-3 the least of many like weights hangs on the order of its steps.
constexpr double kTolerance = 1e-6;

class EliminationLearner final : public FeatureLearner {
 public:
  explicit EliminationLearner(const Json& json) {
    StepOptions o("rfe", json);
    options_.keep = o.count("keep", 8, 1, 100000);
    options_.fraction = o.number("drop", 0.1, 1e-6, 0.9);
    estimator_ = o.choice("estimator", "logistic", {"logistic", "linear_svm", "forest"});
    cost_ = o.number("cost", 1, 1e-6, 1e6);
    trees_ = o.count("trees", 100, 1, 100000);
    o.finish();
  }
  std::string name() const override { return "rfe"; }
  Json options() const override {
    return {{"keep", options_.keep},
            {"drop", options_.fraction},
            {"estimator", estimator_},
            {"cost", cost_},
            {"trees", trees_}};
  }

  std::shared_ptr<const FeatureModel> fit(const FeatureTable& table, const Rows& rows,
                                          const FitContext& context) const override {
    const FeatureTable taken = table.take(rows);
    const auto classes = taken.classes();
    require_complete(taken, "rfe");
    const auto importance = [&](const FeatureTable& t) {
      if (estimator_ == "forest") return of_forest(t, context);
      return squared(estimator_ == "logistic" ? of_logistic(t, classes) : of_linear_svm(t, classes));
    };
    const auto rank = eliminate_features(taken, importance, options_);
    return keep_best(options_.keep, {rank.begin(), rank.end()});
  }

 private:
  [[nodiscard]] std::vector<double> of_forest(const FeatureTable& table, const FitContext& context) const {
    return fit_forest(table, all_rows(table), {.trees = trees_}, context).impurity_share;
  }
  [[nodiscard]] std::vector<double> of_logistic(const FeatureTable& table, const std::vector<int>& classes) const {
    return fit_ridge_logistic(table.values, classes, {.cost = cost_}).coefficients;
  }
  [[nodiscard]] std::vector<double> of_linear_svm(const FeatureTable& table, const std::vector<int>& classes) const {
    return train_svm(table.values, classes, {.rbf = false, .cost = cost_, .tolerance = kTolerance}).normal();
  }
  static std::vector<double> squared(std::vector<double> values) {
    for (double& v : values) v *= v;
    return values;
  }

  EliminationOptions options_;
  std::string estimator_;
  double cost_ = 1;
  std::size_t trees_ = 100;
};

}  // namespace

StepEntry elimination_step() {
  return {
      "rfe",
      "recursive feature elimination by a ridge logistic regression, a linear SVM or a forest; standardise before it",
      [](const Json& options) { return std::make_shared<EliminationLearner>(options); }, &Selection::from_json};
}

}  // namespace gliocast::learn
