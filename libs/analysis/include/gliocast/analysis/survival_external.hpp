#pragma once
#include <gliocast/analysis/output.hpp>
#include <gliocast/analysis/survival_model.hpp>
#include <gliocast/stats/data_frame.hpp>
#include <gliocast/survival/survival_frame.hpp>

#include <cstddef>
#include <vector>

namespace gliocast::analysis {

/// What of a model is fitted anew to a cohort: nothing, the baseline hazard, or that and one factor of all
/// coefficients.
enum class Recalibration { None, Baseline, Slope };

struct ExternalOptions {
  survival::OutcomeColumns outcome;
  SavedModel model;
  std::vector<double> times;
  Recalibration recalibration = Recalibration::None;
  std::size_t groups = 5, knots = 3;  ///< of the calibration
  double level = 0.95;
};
struct ExternalOutput : AnalysisOutput {
  std::vector<FigureSpecification> decision;  ///< the decision curves; `figures` has the calibration
};
/// A saved model on a cohort that it has not seen: concordance, calibration (slope, in the large, at the times), Brier
/// scores, decision curves; after recalibration once more. Throws as judge_model() does.
/// Source: slope: van Houwelingen 2000; in the large: Crowson, Atkinson & Therneau 2016.
[[nodiscard]] ExternalOutput external_validation(const stats::DataFrame& table, const ExternalOptions& options);

}  // namespace gliocast::analysis
