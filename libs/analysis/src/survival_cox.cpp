#include <gliocast/analysis/survival_cox.hpp>

#include <gliocast/analysis/cells.hpp>
#include <gliocast/analysis/figures.hpp>
#include <gliocast/analysis/signature_group.hpp>
#include <gliocast/core/error.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/core/text.hpp>

#include "survival_parts.hpp"

#include <algorithm>
#include <cmath>

namespace gliocast::analysis {
namespace {

const char* name_of(survival::Ties ties) {
  switch (ties) {
    case survival::Ties::Efron:
      return "efron";
    case survival::Ties::Breslow:
      return "breslow";
    case survival::Ties::Exact:
      return "exact";
  }
  return "";
}

const char* name_of(survival::TimeTransform transform) {
  switch (transform) {
    case survival::TimeTransform::KaplanMeier:
      return "km";
    case survival::TimeTransform::Identity:
      return "identity";
    case survival::TimeTransform::Log:
      return "log";
    case survival::TimeTransform::Rank:
      return "rank";
  }
  return "";
}

/// What a factor's columns are called but for the level, where column `c` is the first of a factor that stands alone;
/// its reference level then has a row of its own.
std::optional<std::string> reference_before(const stats::DesignSpecification& design, std::size_t c) {
  const auto& terms = design.term_of_column();
  const auto& term = design.formula().terms[terms[c]];
  const auto& coding = design.codings()[term[0]];
  if (term.size() != 1 || coding.kind != stats::VariableCoding::Kind::Factor || (c > 0 && terms[c - 1] == terms[c]))
    return std::nullopt;
  if (std::ranges::count(terms, terms[c]) + 1 != std::ssize(coding.levels)) return std::nullopt;
  const std::string& name = design.names()[c];
  if (!name.ends_with(coding.levels[1])) return std::nullopt;
  return name.substr(0, name.size() - coding.levels[1].size()) + coding.levels[0];
}

/// A row for each row of the table, and one for each reference level.
std::vector<ForestRow> forest_rows(const survival::CoxAnalysis& a, double level) {
  std::vector<ForestRow> rows;
  for (std::size_t c = 0; c < a.fit.coefficients.size(); ++c) {
    if (const auto reference = reference_before(a.model.design, c))
      rows.push_back({*reference, {1, 0, 1, 1, level}, NAN, true});
    const HazardRatio h = hazard_ratio(a.fit, c, level);
    rows.push_back({a.data.names[c], h.ratio, h.test.p});
  }
  return rows;
}

/// Models of each term alone, and what the selection leaves of them; the formula of the last model comes back.
struct Selected {
  std::string formula;
  Json selection, univariate = Json::array();
};
Selected select(const stats::DataFrame& table, const CoxOptions& o, CoxOutput& out) {
  Selected result{o.formula, {}};
  if (!o.univariate && !o.select) return result;
  const auto rule = o.select.value_or(survival::DropRule::LikelihoodRatio);
  const auto screened = survival::screen_univariate(table, o.outcome, o.formula, rule, o.p, o.fit);
  for (const auto& u : screened.models) {
    Json item = cox_fit_json(u.analysis, o.level, out.table, "univariate");
    item["term"] = u.term;
    item["p"] = finite_or_null(u.p);
    item["kept"] = u.kept;
    result.univariate.push_back(std::move(item));
  }
  if (!o.select) return result;
  const auto kept = survival::select_terms(table, o.outcome, screened.formula, rule, o.p, o.fit);
  result.selection = {{"rule", survival::name_of(rule)},
                      {"p", o.p},
                      {"after_univariate", screened.formula},
                      {"dropped", kept.dropped},
                      {"formula", kept.formula}};
  result.formula = kept.formula;
  out.notes.push_back("kept after selection: " + (kept.formula.empty() ? std::string("nothing") : kept.formula));
  if (kept.formula.empty())
    throw unusable_input("no candidate passes the selection at P < " + cell(o.p), table.origin());
  return result;
}

}  // namespace

CoxOutput cox(const stats::DataFrame& table, const CoxOptions& o) {
  CoxOutput out;
  out.table.columns = coefficient_columns();
  Selected selected = select(table, o, out);
  out.analysis = survival::analyse_cox(table, o.outcome, selected.formula, o.fit);
  const auto& a = out.analysis;
  out.json = cox_fit_json(a, o.level, out.table, "multivariate");
  out.json["ties"] = name_of(o.fit.ties);
  out.json["level"] = o.level;
  if (!selected.univariate.empty()) out.json["univariate"] = std::move(selected.univariate);
  if (!selected.selection.is_null()) out.json["selection"] = std::move(selected.selection);
  out.notes.insert(out.notes.end(), a.used.notes.begin(), a.used.notes.end());
  add_model_warnings(a.model, out.notes);
  out.notes.push_back(std::to_string(a.fit.n) + " rows, " + std::to_string(a.fit.events) + " events" +
                      (a.used.left_out ? ", " + std::to_string(a.used.left_out) + " rows left out" : "") +
                      "; likelihood ratio test " + cell(a.fit.likelihood_ratio.statistic) + " on " +
                      cell(a.fit.likelihood_ratio.df) + " df, P " + p_cell(a.fit.likelihood_ratio.p) + "; C " +
                      cell(a.model.concordance.value) + " (SE " + cell(a.model.concordance.se) + ")");
  out.figures.push_back(
      ForestFigure{"Hazard ratio", "HR (" + plain_number(100 * o.level, 4) + "% CI)", forest_rows(a, o.level)});
  return out;
}

TextTable residuals_table(const survival::CoxAnalysis& a) {
  TextTable out{{"row", "martingale", "deviance"}, {}};
  const auto deviance = survival::deviance_residuals(a.data, a.fit);
  const auto dfbeta =
      a.fit.ties == survival::Ties::Exact ? stats::Matrix(a.fit.n, 0) : survival::dfbeta_residuals(a.data, a.fit);
  stats::Matrix schoenfeld(a.fit.n, dfbeta.columns);
  for (double& v : schoenfeld.values) v = NAN;
  if (dfbeta.columns > 0) {
    const auto residuals = survival::schoenfeld_residuals(a.data, a.fit);
    for (std::size_t i = 0; i < residuals.rows.size(); ++i)
      for (std::size_t c = 0; c < dfbeta.columns; ++c) schoenfeld(residuals.rows[i], c) = residuals.values(i, c);
  }
  for (std::size_t c = 0; c < dfbeta.columns; ++c) out.columns.push_back("dfbeta_" + a.data.names[c]);
  for (std::size_t c = 0; c < dfbeta.columns; ++c) out.columns.push_back("schoenfeld_" + a.data.names[c]);
  for (std::size_t i = 0; i < a.fit.n; ++i) {
    std::vector<std::string> row{std::to_string(a.used.rows[i] + 1), shortest(a.fit.martingale[i]),
                                 shortest(deviance[i])};
    // Weighted, as R's residuals() gives them.
    const double weight = a.data.weights.empty() ? 1 : a.data.weights[i];
    for (std::size_t c = 0; c < dfbeta.columns; ++c) row.push_back(shortest(dfbeta(i, c) * weight));
    for (std::size_t c = 0; c < dfbeta.columns; ++c)
      row.push_back(std::isnan(schoenfeld(i, c)) ? "NA" : shortest(schoenfeld(i, c)));
    out.rows.push_back(std::move(row));
  }
  return out;
}

AnalysisOutput proportional_hazards(const stats::DataFrame& table, const ProportionalHazardsOptions& o) {
  const auto a = survival::analyse_cox(table, o.outcome, o.formula, o.fit);
  const auto test = survival::test_proportional_hazards(a.data, a.fit, a.model.design.term_of_column(),
                                                        a.model.design.term_labels(), o.transform);
  AnalysisOutput out;
  out.json = {{"formula", o.formula},      {"transform", name_of(o.transform)}, {"n", a.fit.n},
              {"events", a.fit.events},    {"left_out", a.used.left_out},       {"tests", Json::array()},
              {"warnings", a.fit.warnings}};
  out.table.columns = {"term", "chi_square", "df", "p"};
  for (std::size_t t = 0; t < test.terms.size(); ++t) {
    const auto& r = test.tests[t];
    if (test.terms[t] == "GLOBAL") out.json["global"] = test_json(r, "chi_square");
    out.json["tests"].push_back({{"term", test.terms[t]},
                                 {"chi_square", finite_or_null(r.statistic)},
                                 {"df", r.df},
                                 {"p", finite_or_null(r.p)}});
    out.table.rows.push_back({test.terms[t], cell(r.statistic), cell(r.df), cell(r.p)});
  }
  out.notes = a.used.notes;
  add_model_warnings(a.model, out.notes);
  return out;
}

namespace {

std::vector<std::string> prediction_columns(const PredictionOptions& o) {
  std::vector<std::string> columns{"row"};
  if (!o.id.empty()) columns.push_back(o.id);
  columns.emplace_back("linear_predictor");
  for (const double t : o.times) columns.push_back("survival_" + shortest(t));
  for (const double t : o.times) columns.insert(columns.end(), {"lower_" + shortest(t), "upper_" + shortest(t)});
  columns.emplace_back("median_survival");
  return columns;
}

void add_prediction(std::size_t i, const survival::CoxPrediction& p, const stats::DataFrame& table,
                    const PredictionOptions& o, AnalysisOutput& out) {
  const auto text = [](double v) { return std::isnan(v) ? std::string("NA") : shortest(v); };
  std::vector<std::string> row{std::to_string(i + 1)};
  Json item{{"row", i + 1}, {"linear_predictor", finite_or_null(p.linear_predictor)}};
  if (!o.id.empty()) {
    row.push_back(table.at(o.id).text(i));
    item[o.id] = row.back();
  }
  row.push_back(text(p.linear_predictor));
  for (std::size_t t = 0; t < o.times.size(); ++t) {
    row.push_back(text(p.survival[t]));
    item["survival_" + shortest(o.times[t])] = finite_or_null(p.survival[t]);
  }
  for (std::size_t t = 0; t < o.times.size(); ++t) {
    row.insert(row.end(), {text(p.low[t]), text(p.high[t])});
    item["lower_" + shortest(o.times[t])] = finite_or_null(p.low[t]);
    item["upper_" + shortest(o.times[t])] = finite_or_null(p.high[t]);
  }
  row.push_back(text(p.median));
  item["median_survival"] = finite_or_null(p.median);
  out.table.rows.push_back(std::move(row));
  out.json["rows"].push_back(std::move(item));
}

}  // namespace

namespace {

/// In which unit times are asked for, and whether they can be meant so.
void tell_times(const survival::CoxModel& model, const std::vector<double>& times, std::vector<std::string>& notes) {
  if (times.empty()) return;
  const std::string unit = time_unit(model.time_column);
  notes.push_back("times are those of the model's column \"" + model.time_column + "\"" +
                  (unit.empty() ? "" : ": " + unit));
  if (*std::ranges::min_element(times) > model.last_follow_up())
    notes.push_back("warning: all times lie beyond the model's follow-up, " + cell(model.last_follow_up()) +
                    (unit.empty() ? "" : " " + unit) + ": are they in another unit?");
}

}  // namespace

AnalysisOutput predict_survival(const stats::DataFrame& given, const SavedModel& saved, const PredictionOptions& o) {
  const auto& model = saved.model;
  const auto table = with_signature_group(given, model);
  for (const auto& name : predictors_of(model)) (void)table.at(name);
  const auto predictions = model.predict(table, o.times, o.level);
  AnalysisOutput out;
  out.table.columns = prediction_columns(o);
  out.json = {{"model", saved.file.filename().string()}, {"times", o.times}, {"rows", Json::array()}};
  std::size_t unknown = 0;
  for (std::size_t i = 0; i < predictions.size(); ++i) {
    unknown += std::isnan(predictions[i].linear_predictor) ? 1 : 0;
    add_prediction(i, predictions[i], table, o, out);
  }
  if (unknown == predictions.size()) {
    std::string which;
    for (const auto& n : unknown_level_notes(model.design, table)) which += "; " + n.substr(n.find(": ") + 2);
    throw unusable_input("no row can be predicted: each has a missing value or a level the model does not know" + which,
                         table.origin(), "predictors: " + listed(predictors_of(model), predictors_of(model).size()));
  }
  out.notes = table.notes(model.design.formula().columns());
  add_model_warnings(model, out.notes);
  if (unknown > 0)
    out.notes.push_back("warning: " + std::to_string(unknown) + " of " + std::to_string(predictions.size()) +
                        " rows have a missing value or a level the model does not know: NA");
  for (const auto& n : unknown_level_notes(model.design, table)) out.notes.push_back(n);
  add_range_notes(model, table, out.notes);
  add_extrapolation_notes(model, o.times, out.notes);
  tell_times(model, o.times, out.notes);
  return out;
}

}  // namespace gliocast::analysis
