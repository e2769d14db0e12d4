#include "nomogram_predictors.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/stats/pretty.hpp>

#include <algorithm>
#include <limits>

namespace gliocast::survival {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

Predictor describe(const CoxModel& model, const std::string& name) {
  Predictor p;
  p.name = name;
  const auto& formula = model.design.formula();
  for (std::size_t v = 0; v < formula.variables.size(); ++v)
    if (model.design.codings()[v].kind == stats::VariableCoding::Kind::Factor &&
        columns_of(formula.variables[v].expression) == std::vector{name})
      p.levels = model.design.codings()[v].levels;
  const auto range = model.ranges.find(name);
  p.text = range == model.ranges.end();
  p.discrete = !p.levels.empty();
  if (p.text && !p.discrete) throw unusable_input("the model says nothing of the range of column \"" + name + "\"");
  if (p.text) return p;
  const PredictorRange& r = range->second;
  p.low = r.low;
  p.middle = r.median;
  p.high = r.high;
  if (p.discrete) {
    for (const auto& level : p.levels) p.values.push_back(parse_number(level).value_or(kNaN));
  } else if (!r.values.empty()) {
    p.discrete = true;
    p.values = r.values;
  } else {
    p.values = stats::pretty(r.minimum, r.maximum, kIntervals);
  }
  if (p.levels.empty())
    for (const double v : p.values) p.levels.push_back(stats::r_number(v));
  return p;
}

}  // namespace

std::vector<std::string> columns_of(const stats::Expression& e) {
  std::vector<std::string> names;
  stats::collect_columns(e, names);
  return names;
}

std::vector<Predictor> predictors_of(const CoxModel& model) {
  std::vector<std::string> names;
  for (const auto& v : model.design.formula().variables) stats::collect_columns(v.expression, names);
  std::vector<Predictor> predictors;
  for (const auto& name : names)
    if (std::ranges::find(predictors, name, &Predictor::name) == predictors.end())
      predictors.push_back(describe(model, name));
  return predictors;
}

std::size_t find_stratum(const CoxModel& model, const std::string& stratum) {
  if (stratum.empty()) return 0;
  const auto at = std::ranges::find(model.strata_labels, stratum);
  if (at != model.strata_labels.end()) return static_cast<std::size_t>(at - model.strata_labels.begin());
  std::string list;
  for (const auto& s : model.strata_labels) list += (list.empty() ? "" : "; ") + s;
  throw Error(ExitCode::WrongUse, "the model has no stratum \"" + stratum + "\"", "--stratum", "strata: " + list);
}

}  // namespace gliocast::survival
