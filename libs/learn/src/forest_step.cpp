// The names by which chains know a forest: a step that selects by its importance, and a classifier.
#include "step_entry.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/learn/random_forest.hpp>
#include <gliocast/learn/selection.hpp>
#include <gliocast/learn/step_options.hpp>

#include <cmath>

namespace gliocast::learn {
namespace {

constexpr double kMostCount = 1e6;
constexpr std::size_t kMostTrees = 100000, kMostSize = 1000000;

class ForestStep final : public FeatureLearner {
 public:
  explicit ForestStep(const Json& json) {
    StepOptions o("forest", json);
    options_.trees = o.count("trees", 100, 1, kMostTrees);
    keep_ = o.count("keep", 8, 1, kMostSize);
    importance_ = o.choice("importance", "impurity", {"impurity", "permutation"});
    options_.mtry = o.count("mtry", 0, 0, kMostSize);
    options_.min_node = o.count("min_node", 1, 1, kMostSize);
    options_.max_depth = o.count("depth", 0, 0, kMostSize);
    o.finish();
    if (importance_ == "permutation") options_.permutation = PermutationLoss::Squared;
  }
  std::string name() const override { return "forest"; }
  Json options() const override {
    return {{"trees", options_.trees},       {"keep", keep_},
            {"importance", importance_},     {"mtry", options_.mtry},
            {"min_node", options_.min_node}, {"depth", options_.max_depth}};
  }
  std::shared_ptr<const FeatureModel> fit(const FeatureTable& table, const Rows& rows,
                                          const FitContext& context) const override {
    const ForestFit fit = fit_forest(table, rows, options_, context);
    auto rank_by = importance_ == "permutation" ? fit.permutation : fit.impurity_share;
    for (double& v : rank_by) v = -v;
    return keep_best(keep_, rank_by);
  }

 private:
  ForestOptions options_;
  std::size_t keep_ = 8;
  std::string importance_;
};

class ForestClassifier final : public Classifier {
 public:
  explicit ForestClassifier(RandomForest forest) : forest_(std::move(forest)) {}
  std::vector<double> decision(const FeatureTable& table) const override { return forest_.predict(table); }
  std::vector<double> probability(const FeatureTable& table) const override { return forest_.predict(table); }
  Json to_json() const override { return forest_.to_json(); }

 private:
  RandomForest forest_;
};

class ForestClassifierLearner final : public ClassifierLearner {
 public:
  explicit ForestClassifierLearner(const Json& json) {
    StepOptions o("forest", json);
    options_.trees = o.count("trees", 500, 1, kMostTrees);
    mtry_ = counts(o, "mtry", 0);
    min_node_ = counts(o, "min_node", 1);
    options_.max_depth = o.count("depth", 0, 0, kMostSize);
    o.finish();
    options_.mtry = mtry_.front();
    options_.min_node = min_node_.front();
  }
  std::string name() const override { return "forest"; }
  Json options() const override {
    return {{"trees", options_.trees},
            {"mtry", declared(mtry_)},
            {"min_node", declared(min_node_)},
            {"depth", options_.max_depth}};
  }
  std::shared_ptr<const Classifier> fit(const FeatureTable& table, const Rows& rows,
                                        const FitContext& context) const override {
    return std::make_shared<ForestClassifier>(fit_forest(table, rows, options_, context).forest);
  }
  std::vector<std::shared_ptr<const ClassifierLearner>> grid() const override {
    std::vector<std::shared_ptr<const ClassifierLearner>> out;
    if (mtry_.size() * min_node_.size() == 1) return out;
    for (const std::size_t mtry : mtry_)
      for (const std::size_t min_node : min_node_) {
        auto one = std::make_shared<ForestClassifierLearner>(*this);
        one->mtry_ = {mtry};
        one->min_node_ = {min_node};
        one->options_.mtry = mtry;
        one->options_.min_node = min_node;
        out.push_back(std::move(one));
      }
    return out;
  }

 private:
  /// What a grid search tries of an option: one number or several, whole, not less than its default.
  static std::vector<std::size_t> counts(StepOptions& o, const std::string& name, std::size_t standard) {
    std::vector<std::size_t> out;
    for (const double v : o.numbers(name, {static_cast<double>(standard)}, static_cast<double>(standard), kMostCount)) {
      if (v != std::floor(v)) throw unusable_input("the step forest: " + name + " must be a whole number");
      out.push_back(static_cast<std::size_t>(v));
    }
    return out;
  }
  /// As it is declared.
  static Json declared(const std::vector<std::size_t>& counts) {
    return counts.size() == 1 ? Json(counts.front()) : Json(counts);
  }

  ForestOptions options_;
  std::vector<std::size_t> mtry_, min_node_;  ///< what a grid search tries
};

}  // namespace

StepEntry forest_step() {
  return {"forest", "keeps the columns of greatest importance in a random forest",
          [](const Json& options) { return std::make_shared<ForestStep>(options); }, &Selection::from_json};
}

ClassifierEntry forest_classifier() {
  return {"forest", "random forest, probabilities by the shares in its leaves",
          [](const Json& options) { return std::make_shared<ForestClassifierLearner>(options); },
          [](const Json& model) { return std::make_shared<ForestClassifier>(RandomForest::from_json(model)); }};
}

}  // namespace gliocast::learn
