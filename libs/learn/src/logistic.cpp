#include "columns.hpp"
#include "step_entry.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/learn/step_options.hpp>
#include <gliocast/stats/logistic_calibration.hpp>
#include <gliocast/stats/logistic_regression.hpp>

#include <cmath>

namespace gliocast::learn {
namespace {

// Where maximum likelihood has no answer: λ of columns of standard deviation 1.
constexpr double kTinyRidge = 1e-3;

class Logistic final : public Classifier {
 public:
  Logistic(double intercept, std::vector<double> coefficients, std::vector<std::string> notes)
      : intercept_(intercept), coefficients_(std::move(coefficients)), notes_(std::move(notes)) {}

  /// The linear predictor.
  [[nodiscard]] std::vector<double> decision(const FeatureTable& table) const override {
    need_columns(table, coefficients_.size(), "logistic");
    require_complete(table, "logistic");
    std::vector<double> values(table.rows(), intercept_);
    for (std::size_t c = 0; c < coefficients_.size(); ++c)
      for (std::size_t r = 0; r < values.size(); ++r) values[r] += coefficients_[c] * table.values(r, c);
    return values;
  }
  [[nodiscard]] std::vector<double> probability(const FeatureTable& table) const override {
    auto values = decision(table);
    for (double& v : values) v = stats::LogisticCalibration{0, 1}.probability(v);
    return values;
  }
  [[nodiscard]] Json to_json() const override { return {{"intercept", intercept_}, {"coefficients", coefficients_}}; }
  [[nodiscard]] std::vector<std::string> notes() const override { return notes_; }

 private:
  double intercept_;
  std::vector<double> coefficients_;
  std::vector<std::string> notes_;
};

/// kTinyRidge for each column, of any scale.
std::vector<double> tiny_penalty(const stats::Matrix& x) {
  std::vector<double> penalty;
  for (std::size_t c = 0; c < x.columns; ++c) {
    const auto column = x.column(c);
    const auto n = static_cast<double>(column.size());
    double mean = 0, variance = 0;
    for (const double v : column) mean += v / n;
    for (const double v : column) variance += (v - mean) * (v - mean) / n;
    penalty.push_back(kTinyRidge * (variance > 0 ? variance : 1));
  }
  return penalty;
}

/// Logistic regression; `ridge` is λ of λ/2 Σ coefficient² on the features as they come, 0 for none.
class LogisticLearner final : public ClassifierLearner {
 public:
  explicit LogisticLearner(double ridge) : ridge_(ridge) {}

  [[nodiscard]] std::string name() const override { return "logistic"; }
  [[nodiscard]] Json options() const override { return {{"ridge", ridge_}}; }
  [[nodiscard]] std::shared_ptr<const Classifier> fit(const FeatureTable& table, const Rows& rows,
                                                      const FitContext&) const override {
    const FeatureTable used = table.take(rows);
    const auto classes = used.classes();
    require_complete(used, "logistic");
    stats::LogisticRegressionOptions options;
    if (ridge_ > 0) options.penalty.assign(used.values.columns, ridge_);
    auto fit = stats::fit_logistic_regression(used.values, classes, options);
    std::vector<std::string> notes;
    if (!fit.converged) {
      notes.push_back("logistic: the classes are separated or features collinear; a ridge penalty of 0.001 is added");
      options.penalty = tiny_penalty(used.values);
      for (double& p : options.penalty) p += ridge_;
      fit = stats::fit_logistic_regression(used.values, classes, options);
    }
    return std::make_shared<Logistic>(fit.intercept, std::move(fit.coefficients), std::move(notes));
  }

 private:
  double ridge_;
};

std::shared_ptr<const ClassifierLearner> make_logistic(const Json& json) {
  StepOptions read("logistic", json);
  const double ridge = read.number("ridge", 0, 0, 1e9);
  read.finish();
  return std::make_shared<LogisticLearner>(ridge);
}

std::shared_ptr<const Classifier> read_logistic(const Json& json) {
  return std::make_shared<Logistic>(json.at("intercept").get<double>(),
                                    json.at("coefficients").get<std::vector<double>>(), std::vector<std::string>{});
}

}  // namespace

ClassifierEntry logistic_entry() {
  return {"logistic", "logistic regression, with or without a ridge penalty", make_logistic, read_logistic};
}

}  // namespace gliocast::learn
