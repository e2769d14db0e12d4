#pragma once
#include <gliocast/analysis/output.hpp>
#include <gliocast/analysis/survival_model.hpp>
#include <gliocast/stats/data_frame.hpp>
#include <gliocast/survival/cox_residuals.hpp>
#include <gliocast/survival/cox_selection.hpp>

#include <optional>
#include <string>
#include <vector>

namespace gliocast::analysis {

struct CoxOptions {
  survival::OutcomeColumns outcome;
  std::string formula;  ///< right side of an R formula
  survival::CoxOptions fit;
  bool univariate = false;                     ///< also a model of each term alone
  std::optional<survival::DropRule> select{};  ///< keep terms that are significant alone, then together; refit
  double p = 0.05;                             ///< significance of `select`
  double level = 0.95;
};
struct CoxOutput : AnalysisOutput {
  survival::CoxAnalysis analysis;  ///< the last model, what it was fitted to
};
/// A Cox model with tests, hazard ratios, concordance and a forest plot. Throws Error{UnusableInput} as analyse_cox
/// does, and where no candidate passes the selection.
[[nodiscard]] CoxOutput cox(const stats::DataFrame& table, const CoxOptions& options);
/// Martingale, deviance, dfbeta and Schoenfeld residuals, a row of the fit each; the last two not with exact ties.
[[nodiscard]] TextTable residuals_table(const survival::CoxAnalysis& analysis);

struct ProportionalHazardsOptions {
  survival::OutcomeColumns outcome;
  std::string formula;
  survival::CoxOptions fit;
  survival::TimeTransform transform = survival::TimeTransform::KaplanMeier;
};
/// Test of proportional hazards of each term. Throws as analyse_cox and test_proportional_hazards do.
[[nodiscard]] AnalysisOutput proportional_hazards(const stats::DataFrame& table,
                                                  const ProportionalHazardsOptions& options);

struct PredictionOptions {
  std::vector<double> times;  ///< in the model's unit
  std::string id;             ///< column carried over; empty: none
  double level = 0.95;
};
/// Survival of the rows of a table from a saved model. Throws Error{UnusableInput} where a column is absent.
[[nodiscard]] AnalysisOutput predict_survival(const stats::DataFrame& table, const SavedModel& model,
                                              const PredictionOptions& options);

}  // namespace gliocast::analysis
