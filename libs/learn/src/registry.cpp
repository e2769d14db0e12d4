#include <gliocast/learn/registry.hpp>

#include "step_entry.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/text.hpp>

#include <algorithm>

namespace gliocast::learn {
namespace {

const std::vector<StepEntry>& steps() {
  static const std::vector<StepEntry> entries{
      combat_entry(), correlation_entry(), elastic_net_entry(), elimination_step(),  forest_step(),    icc_entry(),
      lasso_entry(),  levene_entry(),      screen_entry(),      standardise_entry(), variance_entry(),
  };
  return entries;
}

const std::vector<ClassifierEntry>& classifiers() {
  static const std::vector<ClassifierEntry> entries{
      average_classifier(),  elastic_net_classifier_entry(), forest_classifier(), logistic_entry(), svm_entry(),
#ifdef GLIOCAST_WITH_BOOSTING
      boosting_classifier(),
#endif
  };
  return entries;
}

template <class Entry>
const Entry& entry_of(const std::vector<Entry>& entries, const std::string& name, const char* what) {
  const auto at = std::ranges::find(entries, name, &Entry::name);
  if (at != entries.end()) return *at;
  std::vector<std::string> names;
  for (const auto& e : entries) names.emplace_back(e.name);
#ifndef GLIOCAST_WITH_BOOSTING
  if (name == "boosting") throw unusable_input("this build is without boosting, which needs libxgboost");
#endif
  throw unusable_input(std::string("there is no ") + what + " " + name, "", suggestion(name, names, "there are"));
}

template <class Entry>
auto read_of(const Entry& entry, const Json& model) {
  try {
    return entry.read(model);
  } catch (const Json::exception&) {
    throw unusable_input(std::string("the model of ") + entry.name + " is damaged");
  }
}

}  // namespace

std::shared_ptr<const FeatureLearner> make_step(const std::string& name, const Json& options) {
  return entry_of(steps(), name, "step").make(options);
}

std::shared_ptr<const ClassifierLearner> make_classifier(const std::string& name, const Json& options) {
  return entry_of(classifiers(), name, "classifier").make(options);
}

std::shared_ptr<const FeatureModel> read_step(const std::string& name, const Json& model) {
  return read_of(entry_of(steps(), name, "step"), model);
}

std::shared_ptr<const Classifier> read_classifier(const std::string& name, const Json& model) {
  return read_of(entry_of(classifiers(), name, "classifier"), model);
}

std::vector<KnownStep> known_steps() {
  std::vector<KnownStep> known;
  for (const auto& e : steps()) known.push_back({e.name, e.summary, e.make(Json::object())->options(), false});
  for (const auto& e : classifiers()) known.push_back({e.name, e.summary, e.make(Json::object())->options(), true});
  return known;
}

}  // namespace gliocast::learn
