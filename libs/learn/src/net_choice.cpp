#include "net_choice.hpp"

#include "columns.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/learn/folds.hpp>

#include <cmath>
#include <limits>
#include <numeric>

namespace gliocast::learn {
namespace {

const char* name_of(NetMeasure measure) {
  switch (measure) {
    case NetMeasure::SquaredError:
      return "mse";
    case NetMeasure::Auc:
      return "auc";
    case NetMeasure::Deviance:
    case NetMeasure::PartialLikelihood:
      break;
  }
  return "deviance";
}

NetMeasure measure_of(const std::string& name) {
  if (name == "mse") return NetMeasure::SquaredError;
  return name == "auc" ? NetMeasure::Auc : NetMeasure::Deviance;
}

void require_outcomes(const NetChoice& choice, const FeatureTable& table, const Rows& rows) {
  for (const std::size_t r : rows) {
    const double y = r < table.outcome.size() ? table.outcome[r] : std::numeric_limits<double>::quiet_NaN();
    const bool fits = choice.family == ElasticNetFamily::Linear ? std::isfinite(y) : y == 0 || y == 1;
    if (!fits)
      throw unusable_input(choice.step + ": row " + table.ids.at(r) + " has no " +
                           (choice.family == ElasticNetFamily::Linear ? "outcome" : "class"));
  }
}

}  // namespace

NetChoice NetChoice::read(const std::string& step, StepOptions& options, const Json& json, double alpha,
                          bool classifier) {
  NetChoice c;
  c.step = step;
  if (!classifier && options.choice("family", "logistic", {"logistic", "linear"}) == "linear")
    c.family = ElasticNetFamily::Linear;
  c.alpha = options.number("alpha", alpha, 0, 1);
  c.folds = options.count("folds", c.folds, 3, 1000);
  if (json.is_object() && json.contains("lambda") && json.at("lambda").is_number()) {
    c.lambda = "number";
    c.number = options.number("lambda", 0, 0, std::numeric_limits<double>::max());
  } else {
    c.lambda = options.choice("lambda", c.lambda, {"min", "1se"});
  }
  c.measure = measure_of(options.choice("measure", "deviance",
                                        c.family == ElasticNetFamily::Linear
                                            ? std::vector<std::string>{"deviance", "mse"}
                                            : std::vector<std::string>{"deviance", "mse", "auc"}));
  return c;
}

Json NetChoice::to_json(bool classifier) const {
  Json json;
  if (!classifier) json["family"] = family == ElasticNetFamily::Linear ? "linear" : "logistic";
  json["alpha"] = alpha;
  json["folds"] = folds;
  if (lambda == "number")
    json["lambda"] = number;
  else
    json["lambda"] = lambda;
  json["measure"] = name_of(measure);
  return json;
}

ChosenNet choose_net(const NetChoice& choice, const FeatureTable& table, const Rows& rows, const FitContext& context) {
  std::vector<std::size_t> columns(table.values.columns);
  std::iota(columns.begin(), columns.end(), std::size_t{0});
  require_outcomes(choice, table, rows);
  require_complete(table, columns, rows, choice.step);
  ElasticNetOptions options{.family = choice.family, .alpha = choice.alpha};
  ChosenNet chosen;
  if (choice.lambda == "number") {
    options.lambda = {choice.number};
    chosen.path = fit_elastic_net(table.values, table.outcome, rows, options);
    if (!chosen.path.converged) throw unusable_input(choice.step + ": no convergence at this λ", "", "raise lambda");
    chosen.fit = chosen.path.fits.front();
    return chosen;
  }
  const auto fold =
      folds_by_patient(table, rows, choice.folds, choice.family == ElasticNetFamily::Logistic, context.seed);
  auto net =
      cross_validate_elastic_net(table.values, table.outcome, rows, fold, options, choice.measure, context.threads);
  chosen.fit = net.path.fits[choice.lambda == "min" ? net.best : net.within_error];
  if (net.measure != choice.measure)
    chosen.notes.push_back(choice.step + ": folds are too small for the AUC; λ is chosen by the deviance");
  if (!net.path.converged) chosen.notes.push_back(choice.step + ": the path ended early without convergence");
  chosen.path = std::move(net.path);
  return chosen;
}

}  // namespace gliocast::learn
