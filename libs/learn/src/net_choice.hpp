#pragma once
#include <gliocast/learn/elastic_net_cv.hpp>
#include <gliocast/learn/learner.hpp>
#include <gliocast/learn/step_options.hpp>

#include <string>
#include <vector>

namespace gliocast::learn {

/// The options that the steps lasso and elastic_net and the classifier elastic_net share.
struct NetChoice {
  std::string step;  ///< for messages
  ElasticNetFamily family = ElasticNetFamily::Logistic;
  double alpha = 1;
  std::size_t folds = 5;
  std::string lambda = "min";  ///< "min", "1se" or "number"
  double number = 0;           ///< λ itself
  NetMeasure measure = NetMeasure::Deviance;

  /// Reads them by `options`; `json`: what it reads from. A `classifier` has no family to choose.
  static NetChoice read(const std::string& step, StepOptions& options, const Json& json, double alpha, bool classifier);
  [[nodiscard]] Json to_json(bool classifier) const;
  /// Patients of each class without whom λ cannot be chosen.
  [[nodiscard]] std::size_t least_patients() const { return lambda == "number" ? 1 : 2; }
};

struct ChosenNet {
  ElasticNetFit fit;
  ElasticNetPath path;  ///< that the fit is of; of one λ where that was given
  std::vector<std::string> notes;
};

/// The net at the λ that the options choose, of these rows. Throws Error{UnusableInput} naming a feature with missing
/// values, or where outcomes do not fit.
[[nodiscard]] ChosenNet choose_net(const NetChoice& choice, const FeatureTable& table, const Rows& rows,
                                   const FitContext& context);

}  // namespace gliocast::learn
