// The model as a page computes it by itself.
#include <gliocast/survival/nomogram.hpp>

#include "nomogram_predictors.hpp"

#include <cmath>

namespace gliocast::survival {
namespace {

Json tree(const stats::Expression& e) {
  using Kind = stats::Expression::Kind;
  if (e.kind == Kind::Number) return e.number;
  if (e.kind == Kind::Column) return {{"column", e.name}};
  Json arguments = Json::array();
  for (const auto& a : e.arguments) arguments.push_back(tree(a));
  return {{"call", e.name}, {"arguments", std::move(arguments)}};
}

/// The argument of rcs() or factor(); an expression itself otherwise.
const stats::Expression& inner(const stats::Expression& e, stats::VariableCoding::Kind kind) {
  return kind != stats::VariableCoding::Kind::Numeric && e.kind == stats::Expression::Kind::Call ? e.arguments[0] : e;
}

}  // namespace

Json describe_for_calculator(const CoxModel& model, const Nomogram& nomogram, const std::string& stratum) {
  using Kind = stats::VariableCoding::Kind;
  Json json{{"predictors", Json::array()},
            {"variables", Json::array()},
            {"columns", Json::array()},
            {"outcomes", Json::array()}};
  for (const auto& p : predictors_of(model)) {
    Json item{{"name", p.name}, {"text", p.text}};
    if (p.discrete) {
      item["levels"] = p.levels;
    } else {
      const PredictorRange& r = model.ranges.at(p.name);
      item["range"] = {r.minimum, r.median, r.maximum};
    }
    json["predictors"].push_back(std::move(item));
  }
  const auto& codings = model.design.codings();
  for (std::size_t v = 0; v < codings.size(); ++v)
    json["variables"].push_back(
        {{"kind", codings[v].kind == Kind::Factor   ? "factor"
                  : codings[v].kind == Kind::Spline ? "spline"
                                                    : "number"},
         {"levels", codings[v].levels},
         {"knots", codings[v].knots},
         {"expression", tree(inner(model.design.formula().variables[v].expression, codings[v].kind))}});
  const auto parts = model.design.column_parts();
  for (std::size_t c = 0; c < parts.size(); ++c) {
    if (std::isnan(model.coefficients[c])) continue;
    Json product = Json::array();
    for (const auto& part : parts[c]) product.push_back({part.variable, part.index});
    json["columns"].push_back({{"coefficient", model.coefficients[c]},
                               {"mean", model.means[c]},
                               {"column_mean", model.column_means[c]},
                               {"product", std::move(product)}});
  }
  const BaselineHazard& b = model.baselines[find_stratum(model, stratum)];
  json["baseline"] = {{"time", b.time}, {"cumulative", b.cumulative}, {"last_follow_up", b.last_follow_up}};
  for (const auto& o : nomogram.outcomes)
    if (o.time > 0) json["outcomes"].push_back({{"time", o.time}, {"extrapolated", o.extrapolated}});
  json["scale"] = {{"intercept", nomogram.intercept}, {"points_per_unit", nomogram.points_per_unit}};
  json["n"] = model.n;
  json["events"] = model.events;
  json["formula"] = model.design.formula().text;
  return json;
}

}  // namespace gliocast::survival
