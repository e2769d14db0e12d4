#include <gliocast/survival/cox_selection.hpp>

#include <gliocast/stats/distributions.hpp>
#include <gliocast/survival/robust_score.hpp>

#include <algorithm>
#include <cmath>

namespace gliocast::survival {
namespace {

/// The formula with these terms only; strata, offsets and cluster stay.
std::string formula_of(const stats::Formula& formula, const std::vector<std::size_t>& terms) {
  std::string text;
  const auto add = [&](const std::string& part) { text += (text.empty() ? "" : " + ") + part; };
  for (const std::size_t t : terms) add(formula.term_labels[t]);
  if (text.empty()) return text;
  if (!formula.strata.empty()) {
    std::string list;
    for (const auto& e : formula.strata) list += (list.empty() ? "" : ", ") + e.text();
    add("strata(" + list + ")");
  }
  for (const auto& e : formula.offsets) add("offset(" + e.text() + ")");
  if (!formula.cluster.empty()) add("cluster(`" + formula.cluster + "`)");
  return text;
}

std::size_t rank_of(const CoxFit& fit) {
  return static_cast<std::size_t>(std::ranges::count_if(fit.coefficients, [](double b) { return !std::isnan(b); }));
}

/// Likelihood-ratio test of a term: the model without its columns, on the same rows. Its degrees of freedom are what
/// the rank loses: other columns may take the place of those that followed from both. With clusters likelihoods count
/// rows, and the robust score test of the same columns takes its place.
double p_of_term(const CoxAnalysis& a, std::size_t term, const CoxOptions& options) {
  CoxData smaller = a.data;
  std::vector<char> tested;
  smaller.x = stats::Matrix();
  smaller.x.rows = a.data.x.rows;
  smaller.names.clear();
  for (std::size_t c = 0; c < a.data.x.columns; ++c) {
    tested.push_back(a.model.design.term_of_column()[c] == term ? 1 : 0);
    if (tested.back()) continue;
    const auto column = a.data.x.column(c);
    smaller.x.values.insert(smaller.x.values.end(), column.begin(), column.end());
    ++smaller.x.columns;
    smaller.names.push_back(a.data.names[c]);
  }
  const CoxFit fit = fit_cox(smaller, options);
  if (!a.data.cluster.empty() && options.ties != Ties::Exact) {
    std::vector<double> coefficients(tested.size(), 0.0);
    for (std::size_t c = 0, of_fit = 0; c < tested.size(); ++c)
      if (!tested[c]) coefficients[c] = fit.iterated[of_fit++];
    return robust_score_test(a.data, coefficients, tested, options.ties).p;
  }
  const std::size_t all = rank_of(a.fit), rest = rank_of(fit);
  return all > rest
             ? stats::chi_square_upper(2 * (a.fit.log_likelihood - fit.log_likelihood), static_cast<double>(all - rest))
             : std::numeric_limits<double>::quiet_NaN();
}

/// Terms none of whose columns has a coefficient: they say what others say.
std::vector<std::size_t> aliased_terms(const CoxAnalysis& a) {
  std::vector<std::size_t> terms;
  for (std::size_t t = 0; t < a.model.design.formula().terms.size(); ++t) {
    bool any = false;
    for (std::size_t c = 0; c < a.fit.coefficients.size(); ++c)
      any = any || (a.model.design.term_of_column()[c] == t && !std::isnan(a.fit.coefficients[c]));
    if (!any) terms.push_back(t);
  }
  return terms;
}

double smallest_level_p(const CoxAnalysis& a, std::size_t term) {
  double least = std::numeric_limits<double>::quiet_NaN();
  for (std::size_t c = 0; c < a.fit.coefficients.size(); ++c)
    if (a.model.design.term_of_column()[c] == term && !std::isnan(a.fit.coefficients[c])) {
      const double p = stats::normal_two_sided(a.fit.coefficients[c] / std::sqrt(a.fit.used_variance()(c, c)));
      least = std::isnan(least) ? p : std::min(least, p);
    }
  return least;
}

}  // namespace

std::vector<double> term_p_values(const stats::DataFrame&, const OutcomeColumns&, const CoxAnalysis& a, DropRule rule,
                                  const CoxOptions& options) {
  std::vector<double> values;
  for (std::size_t t = 0; t < a.model.design.formula().terms.size(); ++t)
    values.push_back(rule == DropRule::AnyLevel ? smallest_level_p(a, t) : p_of_term(a, t, options));
  return values;
}

UnivariateScreen screen_univariate(const stats::DataFrame& table, const OutcomeColumns& outcome,
                                   const std::string& text, DropRule rule, double p, const CoxOptions& options) {
  const stats::Formula formula = stats::parse_formula(text);
  UnivariateScreen screen;
  std::vector<std::size_t> kept;
  for (std::size_t t = 0; t < formula.terms.size(); ++t) {
    if (formula.terms[t].size() > 1) continue;
    UnivariateModel model;
    model.term = formula.term_labels[t];
    model.analysis = analyse_cox(table, outcome, formula_of(formula, {t}), options);
    model.p = term_p_values(table, outcome, model.analysis, rule, options)[0];
    model.kept = model.p <= p;
    if (model.kept) kept.push_back(t);
    screen.models.push_back(std::move(model));
  }
  // An interaction stays where all of its main effects do.
  for (std::size_t t = 0; t < formula.terms.size(); ++t)
    if (formula.terms[t].size() > 1 && std::ranges::all_of(formula.terms[t], [&](std::size_t v) {
          return std::ranges::any_of(kept, [&](std::size_t k) { return formula.terms[k] == stats::Term{v}; });
        }))
      kept.push_back(t);
  screen.formula = formula_of(formula, kept);
  return screen;
}

Selection select_terms(const stats::DataFrame& table, const OutcomeColumns& outcome, const std::string& text,
                       DropRule rule, double p, const CoxOptions& options) {
  Selection selection;
  if (text.empty()) return selection;
  CoxAnalysis& a = selection.analysis.emplace(analyse_cox(table, outcome, text, options));
  if (const auto aliased = aliased_terms(a); !aliased.empty()) {
    const stats::Formula all = a.model.design.formula();
    const auto warnings = a.fit.warnings;
    std::vector<std::size_t> others;
    for (std::size_t t = 0; t < all.terms.size(); ++t)
      if (std::ranges::find(aliased, t) == aliased.end()) others.push_back(t);
    for (const std::size_t t : aliased) selection.dropped.push_back(all.term_labels[t]);
    a = analyse_cox(table, outcome, formula_of(all, others), options);
    a.fit.warnings = warnings;  // they name what was left out
  }
  const stats::Formula& formula = a.model.design.formula();
  const auto& values = selection.p = term_p_values(table, outcome, a, rule, options);
  std::vector<std::size_t> kept;
  for (std::size_t t = 0; t < formula.terms.size(); ++t) {
    const bool margin_of_kept = [&] {
      for (std::size_t u = 0; u < formula.terms.size(); ++u)
        if (u != t && values[u] <= p && std::ranges::includes(formula.terms[u], formula.terms[t])) return true;
      return false;
    }();
    if (values[t] <= p || margin_of_kept)
      kept.push_back(t);
    else
      selection.dropped.push_back(formula.term_labels[t]);
  }
  selection.formula = formula_of(formula, kept);
  return selection;
}

}  // namespace gliocast::survival
