#include "columns.hpp"
#include "net_choice.hpp"
#include "step_entry.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/json_count.hpp>
#include <gliocast/learn/folds.hpp>

#include <cmath>
#include <numeric>

namespace gliocast::learn {
namespace {

constexpr const char* kName = "elastic_net";

/// A penalised logistic regression: the decision is its linear predictor.
class NetClassifier final : public Classifier {
 public:
  NetClassifier(std::size_t columns, ElasticNetFit fit, std::vector<std::string> notes = {})
      : columns_(columns), fit_(std::move(fit)), notes_(std::move(notes)) {
    for (const auto& [column, coefficient] : fit_.coefficients) {
      if (column >= columns_) throw unusable_input(std::string("the model of ") + kName + " is damaged");
      used_.push_back(column);
    }
  }
  static std::shared_ptr<const NetClassifier> from_json(const Json& json) {
    ElasticNetFit fit;
    fit.lambda = json.at("lambda").get<double>();
    fit.intercept = json.at("intercept").get<double>();
    for (const auto& item : json.at("coefficients"))
      fit.coefficients.emplace_back(count_of(item.at(0)), item.at(1).get<double>());
    return std::make_shared<NetClassifier>(count_of(json.at("columns")), std::move(fit));
  }

  [[nodiscard]] std::vector<double> decision(const FeatureTable& table) const override {
    need_columns(table, columns_, kName);
    require_complete(table, used_, all_rows(table), kName);
    return fit_.linear_predictor(table.values);
  }
  [[nodiscard]] std::vector<double> probability(const FeatureTable& table) const override {
    auto p = decision(table);
    for (double& v : p) v = 1 / (1 + std::exp(-v));
    return p;
  }
  [[nodiscard]] Json to_json() const override {
    Json coefficients = Json::array();
    for (const auto& [column, coefficient] : fit_.coefficients)
      coefficients.push_back(Json::array({column, coefficient}));
    return {{"columns", columns_},
            {"lambda", fit_.lambda},
            {"intercept", fit_.intercept},
            {"coefficients", std::move(coefficients)}};
  }
  [[nodiscard]] std::vector<std::string> notes() const override { return notes_; }

 private:
  std::size_t columns_;
  ElasticNetFit fit_;
  std::vector<std::size_t> used_;
  std::vector<std::string> notes_;
};

class NetClassifierLearner final : public ClassifierLearner {
 public:
  explicit NetClassifierLearner(NetChoice choice) : choice_(std::move(choice)) {}

  [[nodiscard]] std::string name() const override { return kName; }
  [[nodiscard]] Json options() const override { return choice_.to_json(true); }
  [[nodiscard]] std::size_t least_patients() const override { return choice_.least_patients(); }
  [[nodiscard]] std::shared_ptr<const Classifier> fit(const FeatureTable& table, const Rows& rows,
                                                      const FitContext& context) const override {
    auto net = choose_net(choice_, table, rows, context);
    if (net.fit.coefficients.empty())
      net.notes.push_back(std::string(kName) + ": no feature is used at λ; all probabilities are the same");
    return std::make_shared<NetClassifier>(table.values.columns, std::move(net.fit), std::move(net.notes));
  }

 private:
  NetChoice choice_;
};

}  // namespace

ClassifierEntry elastic_net_classifier_entry() {
  return {kName, "logistic regression with the elastic net's penalty and a cross-validated λ",
          [](const Json& json) {
            StepOptions options(kName, json);
            auto choice = NetChoice::read(kName, options, json, 0.5, true);
            options.finish();
            return std::make_shared<NetClassifierLearner>(std::move(choice));
          },
          [](const Json& model) { return NetClassifier::from_json(model); }};
}

}  // namespace gliocast::learn
