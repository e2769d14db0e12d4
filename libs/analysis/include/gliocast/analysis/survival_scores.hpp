#pragma once
#include <gliocast/analysis/output.hpp>
#include <gliocast/analysis/survival_model.hpp>
#include <gliocast/stats/data_frame.hpp>
#include <gliocast/survival/concordance.hpp>
#include <gliocast/survival/survival_frame.hpp>

#include <optional>
#include <string>

namespace gliocast::analysis {

struct ConcordanceOptions {
  survival::OutcomeColumns outcome;
  std::string score, against;  ///< columns; higher = higher risk; `against` empty: one score alone
  survival::ConcordanceOptions concordance;
};
/// Concordance of a score, or of two on the same rows and their difference. Throws Error{UnusableInput} as
/// make_survival_frame does, and where no two rows can be compared.
[[nodiscard]] AnalysisOutput concordance(const stats::DataFrame& table, const ConcordanceOptions& options);

struct ModelComparisonOptions {
  survival::OutcomeColumns outcome;
  std::string formula, against;  ///< of models fitted to the table; empty where saved ones are compared
  survival::ConcordanceOptions concordance;
  std::optional<SavedModel> saved{}, saved_against{};
};
/// Concordance of two Cox models on the rows that both can use, and their difference: of saved ones, or fitted to those
/// rows, then with the likelihood ratio test where one has all columns of the other. Throws as analyse_cox and
/// concordance do, Error{WrongUse} where a saved model stands against a formula.
[[nodiscard]] AnalysisOutput compare_models(const stats::DataFrame& table, const ModelComparisonOptions& options);

}  // namespace gliocast::analysis
