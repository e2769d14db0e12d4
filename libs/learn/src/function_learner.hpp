#pragma once
#include <gliocast/learn/learner.hpp>

#include <functional>
#include <string>
#include <utility>

namespace gliocast::learn {

/// A learner that is a function of table, rows and context.
class FunctionLearner final : public FeatureLearner {
 public:
  using Fit = std::function<std::shared_ptr<const FeatureModel>(const FeatureTable&, const Rows&, const FitContext&)>;
  FunctionLearner(std::string name, Json options, Fit fit)
      : name_(std::move(name)), options_(std::move(options)), fit_(std::move(fit)) {}

  [[nodiscard]] std::string name() const override { return name_; }
  [[nodiscard]] Json options() const override { return options_; }
  [[nodiscard]] std::shared_ptr<const FeatureModel> fit(const FeatureTable& table, const Rows& rows,
                                                        const FitContext& context) const override {
    return fit_(table, rows, context);
  }

 private:
  std::string name_;
  Json options_;
  Fit fit_;
};

}  // namespace gliocast::learn
