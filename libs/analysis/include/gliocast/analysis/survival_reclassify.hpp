#pragma once
#include <gliocast/analysis/output.hpp>
#include <gliocast/analysis/survival_model.hpp>
#include <gliocast/stats/data_frame.hpp>
#include <gliocast/stats/resampling.hpp>
#include <gliocast/survival/survival_frame.hpp>

#include <optional>
#include <string>
#include <vector>

namespace gliocast::analysis {

struct ReclassificationOptions {
  survival::OutcomeColumns outcome;
  std::string formula, against;                       ///< both fitted to the table itself,
  std::optional<SavedModel> model, against_model;     ///< or both saved
  std::vector<double> times;                          ///< in the table's unit
  std::vector<double> cuts;                           ///< risks between categories, ascending
  stats::ResamplingOptions resampling{.draws = 500};  ///< of the intervals of fitted models
  double level = 0.95;
};
/// NRI and IDI of one Cox model over another at given times. Intervals of fitted models are percentiles of bootstrap
/// draws to which both are fitted anew, those of saved models come from influences. Throws Error{WrongUse} unless there
/// are two models of one kind and ascending cuts in (0, 1), Error{UnusableInput} as fitting and prediction do, with
/// entry times, or where the models know the levels of no row.
[[nodiscard]] AnalysisOutput reclassify(const stats::DataFrame& table, const ReclassificationOptions& options);

}  // namespace gliocast::analysis
