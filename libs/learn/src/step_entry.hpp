#pragma once
#include <gliocast/learn/learner.hpp>

#include <functional>
#include <memory>

namespace gliocast::learn {

// What registry.cpp lists: each step's file has a function that gives its entry.

struct StepEntry {
  const char *name, *summary;
  std::function<std::shared_ptr<const FeatureLearner>(const Json& options)> make;
  std::function<std::shared_ptr<const FeatureModel>(const Json& model)> read;
};
struct ClassifierEntry {
  const char *name, *summary;
  std::function<std::shared_ptr<const ClassifierLearner>(const Json& options)> make;
  std::function<std::shared_ptr<const Classifier>(const Json& model)> read;
};

[[nodiscard]] StepEntry combat_entry();
[[nodiscard]] StepEntry correlation_entry();
[[nodiscard]] StepEntry elastic_net_entry();
[[nodiscard]] StepEntry elimination_step();
[[nodiscard]] StepEntry forest_step();
[[nodiscard]] StepEntry icc_entry();
[[nodiscard]] StepEntry lasso_entry();
[[nodiscard]] StepEntry levene_entry();
[[nodiscard]] StepEntry screen_entry();
[[nodiscard]] StepEntry standardise_entry();
[[nodiscard]] StepEntry variance_entry();

[[nodiscard]] ClassifierEntry average_classifier();
/// Only in builds with GLIOCAST_WITH_BOOSTING.
[[nodiscard]] ClassifierEntry boosting_classifier();
[[nodiscard]] ClassifierEntry elastic_net_classifier_entry();
[[nodiscard]] ClassifierEntry forest_classifier();
[[nodiscard]] ClassifierEntry logistic_entry();
[[nodiscard]] ClassifierEntry svm_entry();

}  // namespace gliocast::learn
