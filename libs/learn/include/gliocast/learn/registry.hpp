#pragma once
#include <gliocast/learn/learner.hpp>

#include <memory>
#include <string>
#include <vector>

namespace gliocast::learn {

// Steps and classifiers by the names that chains declare and bundles hold.

/// A step with these options, {} for its defaults. Throws Error{UnusableInput} that lists the names or says which
/// option is wrong.
[[nodiscard]] std::shared_ptr<const FeatureLearner> make_step(const std::string& name, const Json& options);
[[nodiscard]] std::shared_ptr<const ClassifierLearner> make_classifier(const std::string& name, const Json& options);
/// What to_json() of a fitted model wrote. Throws Error{UnusableInput} where it is not that.
[[nodiscard]] std::shared_ptr<const FeatureModel> read_step(const std::string& name, const Json& model);
[[nodiscard]] std::shared_ptr<const Classifier> read_classifier(const std::string& name, const Json& model);

/// A name that a chain may use, for help and documents.
struct KnownStep {
  std::string name, summary;
  Json options;  ///< with their defaults
  bool classifier = false;
};
[[nodiscard]] std::vector<KnownStep> known_steps();

}  // namespace gliocast::learn
