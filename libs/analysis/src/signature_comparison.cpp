#include "signature_comparison.hpp"

#include <gliocast/analysis/cells.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/survival/decision_curve.hpp>

#include "survival_parts.hpp"

#include <array>
#include <cmath>

namespace gliocast::analysis {
namespace {

using signature::NomogramComparison;
using signature::NomogramPerformance;

constexpr int kDigits = 3;  // of C and Brier scores

std::string percent(double level) { return plain_number(100 * level, 4) + "% CI"; }

/// Predicted survival at one time against what was observed.
Json calibration_json(const std::string& data, const char* name, const NomogramComparison& c,
                      const NomogramPerformance& p, std::size_t t, const NomogramStudyOptions& o,
                      ComparisonTables& tables) {
  auto at = calibration_at(c.sample, p.survival[t], c.times[t], o.groups, o.knots, o.comparison.level);
  for (auto& row : at.rows) {
    row.insert(row.begin(), {data, name});
    tables.calibration.rows.push_back(std::move(row));
  }
  tables.at_times.rows.push_back({data, name, data_cell(c.times[t])});
  add_cells(tables.at_times.rows.back(), p.brier[t]);
  for (std::string text : {cell(c.brier_kaplan_meier[t]), cell(at.ici), std::string(c.extrapolated[t] ? "yes" : "no")})
    tables.at_times.rows.back().push_back(std::move(text));
  return {{"brier", estimate_json(p.brier[t])}, {"groups", std::move(at.groups)}, {"smooth", std::move(at.smooth)}};
}

std::array<survival::DecisionCurve, 2> decision_curves_of(const NomogramComparison& c, std::size_t t) {
  const auto thresholds = decision_thresholds();
  return {survival::decision_curve(c.sample, c.clinical.survival[t], c.times[t], thresholds),
          survival::decision_curve(c.sample, c.integrated.survival[t], c.times[t], thresholds)};
}

Json decision_json(const std::string& data, const NomogramComparison& c, std::size_t t, ComparisonTables& tables) {
  const auto [clinical, integrated] = decision_curves_of(c, t);
  for (std::size_t i = 0; i < clinical.threshold.size(); ++i)
    tables.decision.rows.push_back({data, data_cell(c.times[t]), cell(clinical.threshold[i]), cell(clinical.model[i]),
                                    cell(integrated.model[i]), cell(clinical.all[i])});
  return {{"threshold", clinical.threshold},
          {"clinical", numbers_json(clinical.model)},
          {"integrated", numbers_json(integrated.model)},
          {"treat_all", numbers_json(clinical.all)}};
}

Json performance_json(const NomogramPerformance& p, std::size_t fits) {
  return {{"concordance", estimate_json(p.concordance)},
          {"calibration_slope", estimate_json(p.calibration_slope)},
          {"integrated_brier", estimate_json(p.integrated_brier)},
          {"fits", fits},
          {"kept", p.kept},
          {"null_models", p.null_models},
          {"doubts", p.doubts}};
}

void add_performance_rows(const std::string& data, const NomogramComparison& c, TextTable& table) {
  const auto add = [&](const char* name, const NomogramPerformance& p) {
    table.rows.push_back({data, name, std::to_string(c.patients), std::to_string(c.events),
                          interval_text(p.concordance, kDigits), "", interval_text(p.integrated_brier, kDigits), "",
                          interval_text(p.calibration_slope, 2)});
  };
  add("clinical", c.clinical);
  add("integrated", c.integrated);
  table.rows.push_back({data, "integrated less clinical", std::to_string(c.patients), std::to_string(c.events),
                        interval_text(c.concordance.difference, kDigits), p_cell(c.concordance.test.p),
                        interval_text(c.integrated_brier.difference, kDigits), p_cell(c.integrated_brier.test.p), ""});
}

/// In how many fits each factor stayed.
void add_selection(const NomogramComparison& c, TextTable& table) {
  const auto share = [&](const std::map<std::string, std::size_t>& kept, const std::string& factor) {
    const auto found = kept.find(factor);
    return std::to_string(found == kept.end() ? 0 : found->second) + " of " + std::to_string(c.folds);
  };
  auto factors = c.integrated.kept;
  factors.insert(c.clinical.kept.begin(), c.clinical.kept.end());
  for (const auto& [factor, count] : factors)
    table.rows.push_back({factor, factor == signature::kRiskGroup ? "no candidate" : share(c.clinical.kept, factor),
                          share(c.integrated.kept, factor)});
  const std::string of = " of " + std::to_string(c.folds);
  table.rows.push_back({"(nothing: one curve for all)", std::to_string(c.clinical.null_models) + of,
                        std::to_string(c.integrated.null_models) + of});
}

void note(const std::string& data, const NomogramComparison& c, const NomogramStudyOptions& o,
          std::vector<std::string>& notes) {
  for (const auto& n : c.notes)
    if (std::ranges::find(notes, n) == notes.end()) notes.push_back(n);
  notes.push_back(data + ": " + std::to_string(c.patients) + " patients, " + std::to_string(c.events) +
                  " events; C clinical " + interval_text(c.clinical.concordance, kDigits) + ", integrated " +
                  interval_text(c.integrated.concordance, kDigits) + ", difference " +
                  interval_text(c.concordance.difference, kDigits) + ", P " + p_cell(c.concordance.test.p));
  if (c.folds > 1)
    notes.push_back(data + ": pairs within folds; intervals are percentiles of " + std::to_string(c.draws) +
                    " bootstrap draws of patients, and hold no uncertainty of the fits");
  for (std::size_t t = 0; t < c.times.size(); ++t)
    if (c.extrapolated[t])
      notes.push_back("warning: " + data + ": " + data_cell(c.times[t]) + " " + o.unit +
                      " lie beyond the follow-up of a fit: extrapolation");
  if (c.folds == 1) return;  // what one fit says is told of the models themselves
  for (const auto& [name, p] : {std::pair{"clinical", &c.clinical}, std::pair{"integrated", &c.integrated}})
    for (const auto& [doubt, fits] : p->doubts)
      notes.push_back("warning: " + data + ", " + name + ", " + std::to_string(fits) + " of " +
                      std::to_string(c.folds) + " fits: " + doubt);
}

}  // namespace

std::string interval_text(const stats::Estimate& e, int digits) {
  if (std::isnan(e.value)) return "NA";
  const std::string text = decimal(e.value, digits);
  if (std::isnan(e.low) || std::isnan(e.high)) return text;
  return text + " (" + decimal(e.low, digits) + " to " + decimal(e.high, digits) + ")";
}

ComparisonTables comparison_tables(const NomogramStudyOptions& o) {
  const std::string ci = " (" + percent(o.comparison.level) + ")", time = "time (" + o.unit + ")";
  ComparisonTables t;
  t.performance.columns = {"data",
                           "nomogram",
                           "patients",
                           "events",
                           "C" + ci,
                           "P of the difference in C",
                           "integrated Brier score" + ci,
                           "P of the difference in Brier score",
                           "calibration slope" + ci};
  t.at_times.columns = {"data",
                        "nomogram",
                        time,
                        "brier",
                        "se",
                        "lower",
                        "upper",
                        "brier without a model",
                        "mean |observed - predicted|",
                        "extrapolated"};
  t.calibration.columns = {"data",      "nomogram", time,        "group", "predictions", "events",
                           "predicted", "observed", "std_error", "lower", "upper"};
  t.decision.columns = {"data", time, "threshold", "clinical", "integrated", "treat_all"};
  t.selection.columns = {"factor", "clinical", "integrated"};
  return t;
}

Json add_comparison(const std::string& data, const NomogramComparison& c, const NomogramStudyOptions& o,
                    ComparisonTables& tables, std::vector<std::string>& notes) {
  add_performance_rows(data, c, tables.performance);
  if (c.folds > 1) add_selection(c, tables.selection);
  note(data, c, o, notes);
  Json json{{"patients", c.patients},
            {"events", c.events},
            {"folds", c.folds},
            {"interval", c.draws > 0 ? "bootstrap" : "influence"},
            {"draws", c.draws},
            {"clinical", performance_json(c.clinical, c.folds)},
            {"integrated", performance_json(c.integrated, c.folds)},
            {"times", Json::array()}};
  set_difference(json, c.concordance);
  json["integrated_brier"] = {{"until", finite_or_null(c.brier_until)}};
  set_difference(json["integrated_brier"], c.integrated_brier);
  for (std::size_t t = 0; t < c.times.size(); ++t)
    json["times"].push_back({{"time", c.times[t]},
                             {"extrapolated", c.extrapolated[t] != 0},
                             {"brier_kaplan_meier", finite_or_null(c.brier_kaplan_meier[t])},
                             {"clinical", calibration_json(data, "clinical", c, c.clinical, t, o, tables)},
                             {"integrated", calibration_json(data, "integrated", c, c.integrated, t, o, tables)},
                             {"decision", decision_json(data, c, t, tables)}});
  return json;
}

XyFigure calibration_of(const NomogramComparison& c, const NomogramPerformance& p, const std::string& title,
                        const NomogramStudyOptions& o) {
  XyFigure figure = calibration_figure();
  figure.title = title;
  for (std::size_t t = 0; t < c.times.size(); ++t) {
    auto at = calibration_at(c.sample, p.survival[t], c.times[t], o.groups, o.knots, o.comparison.level);
    at.points.label = "at " + data_cell(c.times[t]) + " " + o.unit + (c.extrapolated[t] ? " (extrapolated)" : "");
    at.points.colour = at.curve.colour = static_cast<int>(t);
    figure.series.push_back(std::move(at.points));
    if (at.no_curve.empty()) figure.series.push_back(std::move(at.curve));
  }
  return figure;
}

XyFigure decision_of(const NomogramComparison& c, std::size_t t, const std::string& title,
                     const NomogramStudyOptions& o) {
  XyFigure figure = decision_figure();
  const auto [clinical, integrated] = decision_curves_of(c, t);
  figure.title = title + ", " + data_cell(c.times[t]) + " " + o.unit + (c.extrapolated[t] ? " (extrapolated)" : "");
  add_net_benefit("integrated", integrated.threshold, integrated.model, false, figure);
  add_net_benefit("clinical", clinical.threshold, clinical.model, false, figure);
  add_net_benefit("treat all", clinical.threshold, clinical.all, true, figure);
  add_treat_none(figure);
  return figure;
}

}  // namespace gliocast::analysis
