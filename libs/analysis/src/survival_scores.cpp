#include <gliocast/analysis/survival_scores.hpp>

#include "same_prediction.hpp"
#include "time_scale.hpp"

#include <gliocast/analysis/cells.hpp>
#include <gliocast/analysis/signature_group.hpp>
#include <gliocast/analysis/survival_model.hpp>
#include <gliocast/core/error.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/stats/distributions.hpp>

#include <algorithm>
#include <cmath>
#include <utility>

namespace gliocast::analysis {
namespace {

/// A score of the rows that are used.
struct Score {
  std::string name;
  std::vector<double> values;
};

Json concordance_json(const survival::Concordance& c) {
  Json json = estimate_json(c);
  json["concordant"] = c.concordant;
  json["discordant"] = c.discordant;
  json["tied_score"] = c.tied_score;
  json["tied_time"] = c.tied_time;
  return json;
}

void add_row(const std::string& name, const stats::Estimate& estimate, const std::string& p, TextTable& table) {
  std::vector<std::string> row{name};
  add_cells(row, estimate);
  row.push_back(p);
  table.rows.push_back(std::move(row));
}

/// The result of one score, or of two and their difference.
AnalysisOutput describe(const survival::SurvivalFrame& used, const std::vector<Score>& scores,
                        const survival::ConcordanceOptions& options, std::vector<std::string> notes,
                        const std::string& origin) {
  AnalysisOutput out;
  out.notes = std::move(notes);
  out.table.columns = {"score", "concordance", "se", "lower", "upper", "p"};
  std::vector<survival::Concordance> c;
  for (const auto& score : scores)
    c.push_back(survival::concordance(used.sample, score.values, options, {}, used.cluster));
  if (std::isnan(c[0].value))
    throw unusable_input("no two rows can be compared: no event before another row's time", origin);
  for (std::size_t i = 0; i < c.size(); ++i) add_row(scores[i].name, c[i], "NA", out.table);
  out.json = concordance_json(c[0]);
  out.json["score"] = scores[0].name;
  out.json["method"] = options.weight == survival::ConcordanceWeight::Uno ? "uno" : "harrell";
  out.json["level"] = options.level;
  out.json["n"] = used.frame.rows();
  out.json["events"] = used.events;
  out.json["left_out"] = used.left_out;
  if (c.size() > 1) {
    const auto d = survival::compare(c[0], c[1], options.level);
    out.json["against"] = concordance_json(c[1]);
    out.json["against"]["score"] = scores[1].name;
    set_difference(out.json, d);
    add_row("difference", d.difference, cell(d.test.p), out.table);
    out.notes.push_back("difference: C of the first, " + scores[0].name + ", less that of the second, " +
                        scores[1].name + ": above 0 where the first orders survival better");
  }
  return out;
}

}  // namespace

AnalysisOutput concordance(const stats::DataFrame& table, const ConcordanceOptions& o) {
  std::vector<std::string> names{o.score};
  if (!o.against.empty()) names.push_back(o.against);
  const auto used = survival::make_survival_frame(table, o.outcome, names);
  std::vector<Score> scores;
  for (const auto& name : names) scores.push_back({name, used.frame.numeric(name).numbers});
  return describe(used, scores, o.concordance, used.notes, table.origin());
}

namespace {

/// Whether one design has every column of the other, its offsets and strata.
bool nested(const survival::CoxAnalysis& small, const survival::CoxAnalysis& large) {
  for (const auto& name : small.data.names)
    if (std::ranges::find(large.data.names, name) == large.data.names.end()) return false;
  return small.data.offset == large.data.offset && small.data.strata == large.data.strata;
}

double coefficients_of(const survival::CoxAnalysis& a) {
  return static_cast<double>(std::ranges::count_if(a.fit.coefficients, [](double b) { return !std::isnan(b); }));
}

/// Why two models, both fitted to these rows, have no likelihood ratio test; empty where they have one.
std::string why_no_test(const survival::CoxAnalysis& first, const survival::CoxAnalysis& second) {
  if (!nested(first, second) && !nested(second, first))
    return "not nested: neither model has all columns of the other and the same offsets and strata";
  if (coefficients_of(first) == coefficients_of(second)) return "both models have the same columns";
  if (const auto& w = first.data.weights; std::ranges::any_of(w, [](double v) { return v != std::floor(v); }))
    return "case weights that are no counts make no likelihood of rows";
  if (const auto events = static_cast<double>(first.used.events);
      std::max(coefficients_of(first), coefficients_of(second)) >= events)
    return "as many coefficients as events, or more";
  return {};
}

/// The test of what the larger of two nested models adds, or why there is none, into the output.
void add_likelihood_ratio(const survival::CoxAnalysis& first, const survival::CoxAnalysis& second,
                          const std::string& of, AnalysisOutput& out) {
  out.json["likelihood_ratio"] = nullptr;
  const std::string reason = why_no_test(first, second);
  out.json["no_likelihood_ratio"] = reason.empty() ? Json(nullptr) : Json(reason);
  if (!reason.empty()) {
    out.notes.push_back("no likelihood ratio test: " + reason);
    return;
  }
  const bool adds = coefficients_of(second) > coefficients_of(first);
  const auto& small = adds ? first : second;
  const auto& large = adds ? second : first;
  const double df = coefficients_of(large) - coefficients_of(small);
  const double statistic = 2 * (large.fit.log_likelihood - small.fit.log_likelihood);
  const stats::TestResult test{statistic, df, stats::chi_square_upper(statistic, df)};
  out.notes.push_back("likelihood ratio test of what the larger model adds" + of + ": " + cell(statistic) + " on " +
                      cell(df) + " df, P " + p_cell(test.p));
  out.json["likelihood_ratio"] = test_json(test);
}

/// The terms of two saved models fitted anew to the rows: coefficients from elsewhere have no likelihood ratio test.
void add_test_of_refits(const stats::DataFrame& rows, const survival::OutcomeColumns& outcome,
                        const ModelComparisonOptions& o, AnalysisOutput& out) {
  try {
    std::vector<survival::CoxAnalysis> refits;
    for (const auto* m : {&o.saved->model, &o.saved_against->model})
      refits.push_back(survival::analyse_cox(rows, outcome, m->design.formula().text, {.ties = o.saved->model.ties}));
    add_likelihood_ratio(refits[0], refits[1], ", both models' terms fitted anew to these rows", out);
    for (const auto& refit : refits)
      for (const auto& w : refit.fit.warnings)
        if (!out.json["likelihood_ratio"].is_null()) out.notes.push_back("warning: fitted anew to these rows: " + w);
  } catch (const Error& e) {
    const std::string reason = "the terms cannot be fitted to these rows: " + e.problem();
    out.json["likelihood_ratio"] = nullptr;
    out.json["no_likelihood_ratio"] = reason;
    out.notes.push_back("no likelihood ratio test: " + reason);
  }
}

/// Saved models on the rows that both know.
AnalysisOutput compare_saved(const stats::DataFrame& given, const ModelComparisonOptions& o) {
  const auto table = with_signature_group(with_signature_group(given, o.saved->model), o.saved_against->model);
  auto outcome = o.outcome;
  outcome.coding = o.saved->model.event_coding;
  auto columns = predictors_of(o.saved->model);
  for (const auto& name : predictors_of(o.saved_against->model)) columns.push_back(name);
  auto used = survival::make_survival_frame(table, outcome, columns);
  std::vector<std::vector<survival::CoxPrediction>> predicted;
  for (const auto* m : {&*o.saved, &*o.saved_against}) predicted.push_back(m->model.predict(used.frame, {}));
  std::vector<Score> scores{{model_name(*o.saved), {}}, {model_name(*o.saved_against), {}}};
  std::vector<std::size_t> kept;
  for (std::size_t i = 0; i < used.frame.rows(); ++i) {
    const double first = predicted[0][i].linear_predictor, second = predicted[1][i].linear_predictor;
    if (std::isnan(first) || std::isnan(second)) continue;
    kept.push_back(used.rows[i]);
    scores[0].values.push_back(first);
    scores[1].values.push_back(second);
  }
  std::vector<std::string> notes = used.notes;
  for (const auto* m : {&*o.saved, &*o.saved_against}) {
    add_model_warnings(m->model, notes);
    for (const auto& n : unknown_level_notes(m->model.design, table)) notes.push_back(n);
  }
  if (kept.empty()) throw unusable_input("no row has levels that both models know", table.origin());
  if (kept.size() < used.frame.rows()) {
    const std::size_t left_out = used.left_out + used.frame.rows() - kept.size();
    used = survival::make_survival_frame(table.subset(kept), outcome, columns);
    used.left_out = left_out;
  }
  const auto found = time_scale(used.sample, outcome.time);
  for (std::size_t m = 0; m < scores.size(); ++m) {
    const auto& model = (m == 0 ? o.saved : o.saved_against)->model;
    tell_other_unit(time_scale(model), found, scores[m].name + "'s", notes);
    tell_same_prediction(model, used.frame, scores[m].values, scores[m].name + ": ", notes);
  }
  AnalysisOutput out = describe(used, scores, o.concordance, std::move(notes), table.origin());
  add_test_of_refits(table.subset(kept), outcome, o, out);
  return out;
}

}  // namespace

AnalysisOutput compare_models(const stats::DataFrame& table, const ModelComparisonOptions& o) {
  if (o.saved.has_value() != o.saved_against.has_value() || o.saved.has_value() != o.formula.empty() ||
      o.formula.empty() != o.against.empty())
    throw Error(ExitCode::WrongUse, "two models are compared: --formula and --against, or --model and --against-model",
                "survival compare");
  if (o.saved) return compare_saved(table, o);
  auto columns = stats::parse_formula(o.formula).columns();
  for (const auto& name : stats::parse_formula(o.against).columns()) columns.push_back(name);
  const auto used = survival::make_survival_frame(table, o.outcome, columns);
  const auto common = table.subset(used.rows);
  const auto first = survival::analyse_cox(common, o.outcome, o.formula),
             second = survival::analyse_cox(common, o.outcome, o.against);
  auto notes = used.notes;
  for (const auto* a : {&first, &second}) add_model_warnings(a->model, notes);
  AnalysisOutput out =
      describe(used, {{o.formula, first.fit.linear_predictors}, {o.against, second.fit.linear_predictors}},
               o.concordance, std::move(notes), table.origin());
  add_likelihood_ratio(first, second, "", out);
  return out;
}

}  // namespace gliocast::analysis
