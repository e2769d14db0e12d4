#include "columns.hpp"
#include "step_entry.hpp"
#include "svm_function.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/learn/folds.hpp>
#include <gliocast/learn/step_options.hpp>
#include <gliocast/stats/logistic_calibration.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <mutex>
#include <optional>

namespace gliocast::learn {
namespace {

constexpr std::size_t kCalibrationFolds = 5;
// The usual coarse grid, and the finer one around its best: each power of 2 up to 2 away.
constexpr std::array kCostExponents{-5, -1, 3, 7, 11, 15};
constexpr std::array kGammaExponents{-15, -11, -7, -3, 1, 5};
constexpr std::array kFinerExponents{-2, -1, 0, 1, 2};
// A larger cost changes little of a linear kernel on more rows than features, and takes millions of iterations.
constexpr std::array kLinearCostExponents{-13, -9, -5, -1, 3};
constexpr double kLeast = 1e-9, kMost = 1e9;  // of cost and gamma

template <class Exponents>
std::vector<double> powers_of_2(const Exponents& exponents) {
  std::vector<double> powers;
  for (const int e : exponents) powers.push_back(std::ldexp(1.0, e));
  return powers;
}

struct SvmOptions {
  bool rbf = true, balanced = false, finer = true;
  std::vector<double> cost, gamma;  // gamma: {0} where the kernel has none
  double tolerance = 1e-3;
};

SvmParameters parameters_of(const SvmOptions& o) {
  return {o.rbf, o.gamma.front(), o.cost.front(), o.balanced, o.tolerance};
}

/// Platt's sigmoid of decision values; by cross-validation it costs several trainings, so that it is fitted when it is
/// first asked for, and the same whenever that is.
class Sigmoid {
 public:
  explicit Sigmoid(stats::LogisticCalibration known) : fitted_(known) {}
  Sigmoid(FeatureTable table, std::vector<std::size_t> fold, SvmParameters parameters)
      : table_(std::move(table)), fold_(std::move(fold)), parameters_(parameters) {}

  [[nodiscard]] const stats::LogisticCalibration& get() const {
    const std::scoped_lock lock(mutex_);
    if (!fitted_) fitted_ = fit();
    return *fitted_;
  }

 private:
  [[nodiscard]] stats::LogisticCalibration fit() const;

  FeatureTable table_;
  std::vector<std::size_t> fold_;  // of each row; empty: the rows that were trained on are used
  SvmParameters parameters_;
  mutable std::mutex mutex_;
  mutable std::optional<stats::LogisticCalibration> fitted_;
};

stats::LogisticCalibration Sigmoid::fit() const {
  const auto classes = table_.classes();
  if (fold_.empty())
    return stats::fit_logistic_calibration(train_svm(table_.values, classes, parameters_).values(table_.values),
                                           classes);
  std::vector<double> decisions;
  std::vector<int> truth;
  const std::size_t folds = *std::ranges::max_element(fold_) + 1;
  for (std::size_t f = 0; f < folds; ++f) {
    Rows inside, outside;
    std::vector<int> inside_classes;
    for (std::size_t r = 0; r < fold_.size(); ++r)
      if (fold_[r] == f) {
        outside.push_back(r);
      } else {
        inside.push_back(r);
        inside_classes.push_back(classes[r]);
      }
    // A patient with rows of both classes may leave one class only.
    if (std::ranges::count(inside_classes, inside_classes.front()) == std::ssize(inside_classes)) continue;
    const auto function = train_svm(table_.take(inside).values, inside_classes, parameters_);
    for (const double d : function.values(table_.take(outside).values)) decisions.push_back(d);
    for (const std::size_t r : outside) truth.push_back(classes[r]);
  }
  return stats::fit_logistic_calibration(decisions, truth);
}

class Svm final : public Classifier {
 public:
  Svm(SvmFunction function, std::shared_ptr<const Sigmoid> sigmoid, std::vector<std::string> notes)
      : function_(std::move(function)), sigmoid_(std::move(sigmoid)), notes_(std::move(notes)) {}

  [[nodiscard]] std::vector<double> decision(const FeatureTable& table) const override {
    need_columns(table, function_.columns(), "svm");
    require_complete(table, "svm");
    return function_.values(table.values);
  }
  [[nodiscard]] std::vector<double> probability(const FeatureTable& table) const override {
    auto values = decision(table);
    for (double& v : values) v = sigmoid_->get().probability(v);
    return values;
  }
  [[nodiscard]] Json to_json() const override {
    Json json = function_.to_json();
    json["sigmoid"] = {{"intercept", sigmoid_->get().intercept}, {"slope", sigmoid_->get().slope}};
    return json;
  }
  [[nodiscard]] std::vector<std::string> notes() const override { return notes_; }

 private:
  SvmFunction function_;
  std::shared_ptr<const Sigmoid> sigmoid_;
  std::vector<std::string> notes_;
};

/// Support vector machine for two classes; probabilities by Platt's sigmoid of decision values from a 5-fold
/// cross-validation by patient. Source: Chang & Lin 2011; Platt 1999.
class SvmLearner final : public ClassifierLearner {
 public:
  explicit SvmLearner(SvmOptions options) : options_(std::move(options)) {}

  [[nodiscard]] std::string name() const override { return "svm"; }
  [[nodiscard]] Json options() const override;
  [[nodiscard]] std::shared_ptr<const Classifier> fit(const FeatureTable& table, const Rows& rows,
                                                      const FitContext& context) const override;
  [[nodiscard]] std::vector<std::shared_ptr<const ClassifierLearner>> grid() const override;
  [[nodiscard]] std::vector<std::shared_ptr<const ClassifierLearner>> finer_grid(
      const ClassifierLearner& best) const override;

 private:
  [[nodiscard]] std::shared_ptr<const SvmLearner> with(double cost, double gamma) const {
    SvmOptions one = options_;
    one.cost = {cost};
    one.gamma = {gamma};
    one.finer = false;
    return std::make_shared<SvmLearner>(std::move(one));
  }
  [[nodiscard]] bool has_grid() const { return options_.cost.size() * options_.gamma.size() > 1; }

  SvmOptions options_;
};

Json SvmLearner::options() const {
  const auto one_or_list = [](const std::vector<double>& v) { return v.size() == 1 ? Json(v.front()) : Json(v); };
  Json json{{"kernel", options_.rbf ? "rbf" : "linear"}, {"cost", one_or_list(options_.cost)}};
  if (options_.rbf) json["gamma"] = one_or_list(options_.gamma);
  json["class_weight"] = options_.balanced ? "balanced" : "none";
  json["finer"] = options_.finer;
  json["tolerance"] = options_.tolerance;
  return json;
}

std::shared_ptr<const Classifier> SvmLearner::fit(const FeatureTable& table, const Rows& rows,
                                                  const FitContext& context) const {
  FeatureTable used = table.take(rows);
  used.second_rater = {};
  if (used.values.columns == 0) throw unusable_input("svm: there is no feature to learn from");
  const auto classes = used.classes();
  require_complete(used, "svm");
  auto function = train_svm(used.values, classes, parameters_of(options_));
  std::vector<std::string> notes;
  if (function.stopped_early()) notes.push_back("svm: not converged, stopped at libsvm's most iterations");
  const std::size_t folds = std::min(kCalibrationFolds, patients_of_rarer_class(used, all_rows(used)));
  std::vector<std::size_t> fold;
  if (folds > 1) fold = folds_by_patient(used, all_rows(used), folds, true, context.seed);
  if (fold.empty())
    notes.push_back("svm: too few patients of a class; probabilities are calibrated on the rows of the training");
  auto sigmoid = std::make_shared<Sigmoid>(std::move(used), std::move(fold), parameters_of(options_));
  return std::make_shared<Svm>(std::move(function), std::move(sigmoid), std::move(notes));
}

std::vector<std::shared_ptr<const ClassifierLearner>> SvmLearner::grid() const {
  std::vector<std::shared_ptr<const ClassifierLearner>> candidates;
  if (!has_grid()) return candidates;
  for (const double cost : options_.cost)
    for (const double gamma : options_.gamma) candidates.push_back(with(cost, gamma));
  return candidates;
}

std::vector<std::shared_ptr<const ClassifierLearner>> SvmLearner::finer_grid(const ClassifierLearner& best) const {
  std::vector<std::shared_ptr<const ClassifierLearner>> candidates;
  const auto* chosen = dynamic_cast<const SvmLearner*>(&best);
  if (!chosen || !options_.finer || !has_grid()) return candidates;
  const auto around = [](double best_value) {
    std::vector<double> values;
    for (const int e : kFinerExponents)
      if (const double v = std::ldexp(best_value, e); v >= kLeast && v <= kMost) values.push_back(v);
    return values;
  };
  const auto among = [](const std::vector<double>& values, double v) {
    return std::ranges::find(values, v) != values.end();
  };
  const auto gammas = options_.rbf ? around(chosen->options_.gamma.front()) : std::vector<double>{0};
  for (const double cost : around(chosen->options_.cost.front()))
    for (const double gamma : gammas)
      if (!among(options_.cost, cost) || !among(options_.gamma, gamma)) candidates.push_back(with(cost, gamma));
  return candidates;
}

std::shared_ptr<const ClassifierLearner> make_svm(const Json& json) {
  StepOptions read("svm", json);
  SvmOptions o;
  o.rbf = read.choice("kernel", "rbf", {"rbf", "linear"}) == "rbf";
  o.cost = read.numbers("cost", o.rbf ? powers_of_2(kCostExponents) : powers_of_2(kLinearCostExponents), kLeast, kMost);
  o.gamma = o.rbf ? read.numbers("gamma", powers_of_2(kGammaExponents), kLeast, kMost) : std::vector<double>{0};
  o.balanced = read.choice("class_weight", "none", {"none", "balanced"}) == "balanced";
  o.finer = read.flag("finer", true);
  o.tolerance = read.number("tolerance", o.tolerance, 1e-12, 1);
  read.finish();
  return std::make_shared<SvmLearner>(std::move(o));
}

std::shared_ptr<const Classifier> read_svm(const Json& json) {
  const Json& sigmoid = json.at("sigmoid");
  const stats::LogisticCalibration known{sigmoid.at("intercept").get<double>(), sigmoid.at("slope").get<double>()};
  return std::make_shared<Svm>(SvmFunction::from_json(json), std::make_shared<Sigmoid>(known),
                               std::vector<std::string>{});
}

}  // namespace

ClassifierEntry svm_entry() {
  return {"svm", "support vector machine; probabilities by Platt's sigmoid", make_svm, read_svm};
}

}  // namespace gliocast::learn
