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

[[nodiscard]] ClassifierEntry logistic_entry();
[[nodiscard]] ClassifierEntry svm_entry();

}  // namespace gliocast::learn
