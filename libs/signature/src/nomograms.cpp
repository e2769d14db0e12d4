#include <gliocast/signature/nomograms.hpp>

#include <gliocast/core/error.hpp>
#include <gliocast/core/text.hpp>
#include <gliocast/stats/formula.hpp>

#include <algorithm>
#include <cmath>
#include <set>

namespace gliocast::signature {
namespace {

constexpr double kEventsPerParameter = 10;  // Peduzzi 1995

/// A candidate as a term of a formula: a column's name in backticks, all else as it is.
std::string term_of(const stats::DataFrame& frame, const std::string& candidate) {
  return frame.find(candidate) != nullptr ? "`" + candidate + "`" : candidate;
}

std::vector<std::string> columns_of_candidate(const stats::DataFrame& frame, const std::string& candidate) {
  return stats::parse_formula(term_of(frame, candidate)).columns();
}

bool varies(const stats::Column& column) {
  for (std::size_t i = 1; i < column.rows(); ++i)
    if (column.is_factor ? column.codes[i] != column.codes[0] : column.numbers[i] != column.numbers[0]) return true;
  return false;
}

/// The formula of the candidates that vary in these rows; the others are noted.
std::string formula_of_varying(const stats::DataFrame& frame, const NomogramOptions& o, FittedNomogram& fitted) {
  std::string formula;
  for (const auto& candidate : o.candidates) {
    const auto columns = columns_of_candidate(frame, candidate);
    if (std::ranges::all_of(columns, [&](const std::string& c) { return varies(frame.at(c)); }))
      formula += (formula.empty() ? "" : " + ") + term_of(frame, candidate);
    else
      fitted.constant.push_back(candidate);
  }
  return formula;
}

void add_once(const std::string& sentence, std::vector<std::string>& sentences) {
  if (std::ranges::find(sentences, sentence) == sentences.end()) sentences.push_back(sentence);
}

std::size_t subjects_with_event(const survival::SurvivalFrame& used) {
  if (used.cluster.empty()) return used.events;
  std::set<int> subjects;
  for (std::size_t i = 0; i < used.cluster.size(); ++i)
    if (used.sample.event[i]) subjects.insert(used.cluster[i]);
  return subjects.size();
}

}  // namespace

stats::DataFrame with_risk_group(const stats::DataFrame& frame, const std::vector<char>& high_risk) {
  if (high_risk.size() != frame.rows())
    throw Error(ExitCode::InternalFault, "there are " + std::to_string(high_risk.size()) + " risk groups of " +
                                             std::to_string(frame.rows()) + " rows");
  stats::Column column;
  column.name = kRiskGroup;
  column.is_factor = true;
  column.levels = {"low", "high"};
  for (const char high : high_risk) column.codes.push_back(high == 0 || high == 1 ? high : -1);
  stats::DataFrame result = frame;
  result.add(std::move(column));
  return result;
}

std::vector<std::string> clinical_candidates(const stats::DataFrame& frame) {
  std::vector<std::string> found;
  for (const char* name : {"age", "sex", "location", "grade", "laterality", "histology", "enhancement"})
    for (const auto& column : frame.columns())
      if (fold_case(column.name) == name) found.push_back(column.name);
  return found;
}

std::vector<std::string> columns_of(const stats::DataFrame& frame, const NomogramOptions& o) {
  std::vector<std::string> columns;
  for (const auto& candidate : o.candidates)
    for (auto& column : columns_of_candidate(frame, candidate)) add_once(column, columns);
  return columns;
}

FittedNomogram fit_nomogram(const stats::DataFrame& frame, const survival::OutcomeColumns& outcome,
                            const NomogramOptions& o) {
  const auto used = survival::make_survival_frame(frame, outcome, columns_of(frame, o));
  if (used.events == 0)
    throw unusable_input("there is no event among the " + std::to_string(used.frame.rows()) + " rows of the fit",
                         frame.origin());
  FittedNomogram fitted;
  fitted.n = used.frame.rows();
  fitted.events = used.events;
  fitted.subjects_with_event = subjects_with_event(used);
  fitted.left_out = used.left_out;
  fitted.null_curve = survival::kaplan_meier(used.sample);
  const std::string formula = formula_of_varying(used.frame, o, fitted);
  if (formula.empty()) return fitted;
  fitted.univariate = survival::screen_univariate(used.frame, outcome, formula, o.rule, o.p, o.fit);
  for (const auto& u : fitted.univariate.models) fitted.parameters += u.analysis.model.coefficients.size();
  fitted.multivariate = survival::select_terms(used.frame, outcome, fitted.univariate.formula, o.rule, o.p, o.fit);
  if (fitted.multivariate.formula.empty()) return fitted;
  fitted.fit = survival::analyse_cox(used.frame, outcome, fitted.multivariate.formula, o.fit);
  fitted.factors = fitted.fit->model.design.term_labels();
  return fitted;
}

NomogramPrediction FittedNomogram::predict(const stats::DataFrame& frame, const std::vector<double>& times) const {
  NomogramPrediction result;
  result.survival.assign(times.size(), {});
  if (!fit) {
    result.risk.assign(frame.rows(), 0.0);
    for (std::size_t t = 0; t < times.size(); ++t) {
      const auto* step = null_curve.at(times[t]);
      result.survival[t].assign(frame.rows(), step != nullptr ? step->survival : 1.0);
    }
    return result;
  }
  for (const auto& row : fit->model.predict(frame, times)) {
    const bool known = !std::isnan(row.linear_predictor);
    result.risk.push_back(row.linear_predictor);
    for (std::size_t t = 0; t < times.size(); ++t) result.survival[t].push_back(known ? row.survival[t] : NAN);
  }
  return result;
}

std::vector<std::string> FittedNomogram::doubts() const {
  std::vector<std::string> sentences;
  if (static_cast<double>(subjects_with_event) < kEventsPerParameter * static_cast<double>(parameters))
    sentences.emplace_back("fewer than 10 events a parameter of the candidates: the choice of factors is unstable");
  for (const auto& candidate : constant) sentences.push_back("\"" + candidate + "\" has one value: it is no factor");
  for (const auto& u : univariate.models)
    for (const auto& w : u.analysis.fit.warnings) add_once(w, sentences);
  if (multivariate.analysis)
    for (const auto& w : multivariate.analysis->fit.warnings) add_once(w, sentences);
  if (fit)
    for (const auto& w : fit->fit.warnings) add_once(w, sentences);
  if (!fit && multivariate.analysis)
    sentences.emplace_back("factors are significant alone, none of them beside the others: they may say the same");
  if (!fit) sentences.emplace_back("no factor stays: the null model, one survival curve for all");
  return sentences;
}

}  // namespace gliocast::signature
