#pragma once
#include <gliocast/survival/cox_model.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gliocast::survival {

/// When a term stays: the likelihood-ratio test of the whole term, or (Xu 2022) any of its levels with a Wald P at most
/// the limit. With clusters the robust score test of the term takes the place of the likelihood ratio, which counts
/// rows.
enum class DropRule { LikelihoodRatio, AnyLevel };
/// "lrt" and "paper", as options and files call them; other names are "lrt".
[[nodiscard]] constexpr const char* name_of(DropRule rule) { return rule == DropRule::AnyLevel ? "paper" : "lrt"; }
[[nodiscard]] constexpr DropRule drop_rule_of(std::string_view name) {
  return name == name_of(DropRule::AnyLevel) ? DropRule::AnyLevel : DropRule::LikelihoodRatio;
}

struct UnivariateModel {
  std::string term;
  double p = 0;
  bool kept = false;
  CoxAnalysis analysis;
};
struct UnivariateScreen {
  std::vector<UnivariateModel> models;
  std::string formula;  ///< of the terms kept, with strata, offset and cluster; empty where none is kept
};
/// Fits each main term alone, on the rows it can use.
[[nodiscard]] UnivariateScreen screen_univariate(const stats::DataFrame& table, const OutcomeColumns& outcome,
                                                 const std::string& formula, DropRule rule, double p,
                                                 const CoxOptions& options);

struct Selection {
  std::string formula;  ///< of what stays; empty where nothing does
  std::vector<std::string> dropped;
  std::optional<CoxAnalysis> analysis{};  ///< of all terms together but those collinear; none without a term
  std::vector<double> p{};                ///< of its terms
};
/// Fits all terms together, drops those that fail the rule, and says what stays. An interaction's main effects stay
/// with it. Terms that follow from others (collinear) go first: beside them no other term is needed.
[[nodiscard]] Selection select_terms(const stats::DataFrame& table, const OutcomeColumns& outcome,
                                     const std::string& formula, DropRule rule, double p, const CoxOptions& options);

/// P of each term of a fit under a rule.
[[nodiscard]] std::vector<double> term_p_values(const stats::DataFrame& table, const OutcomeColumns& outcome,
                                                const CoxAnalysis& analysis, DropRule rule, const CoxOptions& options);

}  // namespace gliocast::survival
