#pragma once
#include <gliocast/stats/design_matrix.hpp>
#include <gliocast/survival/cox.hpp>
#include <gliocast/survival/survival_frame.hpp>

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace gliocast::survival {

/// What a numeric predictor was like in the rows of the fit; axes of a nomogram are laid out by it.
struct PredictorRange {
  double low = 0,
         high = 0;  ///< rms' datadist limits for display: 10/max(n, 200) quantiles from both ends, or the fifth values
  double minimum = 0, maximum = 0, median = 0;
  std::vector<double> values;  ///< all distinct values where there are at most 10
};

/// Prediction for one row of a table. NaN where a predictor is missing or a level unknown.
struct CoxPrediction {
  double linear_predictor = 0;              ///< Σ β (x − mean) + offset
  std::vector<double> survival, low, high;  ///< one a time asked for
  double median = 0;                        ///< NaN where survival stays above one half
};

/// The penalty of a model fitted by an elastic net.
struct CoxPenalty {
  double alpha = 0, lambda = 0;
};

/// A fitted Cox model that predicts; cox_model_file.hpp keeps it. Holds no patient's row.
struct CoxModel {
  stats::DesignSpecification design;
  std::string time_column, event_column;
  std::string entry_column{};  ///< of the entry times of the fit; empty without
  std::string event_coding{};  ///< "0/1" or "1/2" of a numeric event column
  std::size_t n = 0, events = 0;
  Ties ties = Ties::Efron;
  std::vector<double> coefficients, means, column_means;  ///< column_means: plain means of all columns, as rms centres
  stats::Matrix variance;               ///< 0×0 of a penalised model: its predictions have no interval
  std::optional<CoxPenalty> penalty{};  ///< of a penalised model
  std::vector<std::string> strata_labels;
  std::vector<BaselineHazard> baselines;         ///< one a stratum
  std::map<std::string, PredictorRange> ranges;  ///< by column of the table
  double predictor_low = 0, predictor_high = 0;  ///< range of Σ β x − Σ β mean(x) over the fit
  stats::Estimate concordance;                   ///< of the fit, on its own rows
  std::vector<std::string> warnings;

  /// One prediction a row of `frame`. `times` beyond a stratum's follow-up give NaN unless `extrapolate`, then the last
  /// value.
  [[nodiscard]] std::vector<CoxPrediction> predict(const stats::DataFrame& frame, const std::vector<double>& times,
                                                   double level = 0.95, bool extrapolate = true) const;
  /// Largest follow-up of the fit.
  [[nodiscard]] double last_follow_up() const;
  /// Baseline survival of a stratum at `time` for a linear predictor of 0.
  [[nodiscard]] double baseline_survival(std::size_t stratum, double time) const;
};

/// The model and the fit it came from.
struct CoxAnalysis {
  CoxModel model;
  CoxFit fit;
  CoxData data;
  SurvivalFrame used;
};

/// From a table to a fitted model: the formula's cluster() and strata() are honoured. Throws as make_survival_frame,
/// DesignSpecification and fit_cox do.
[[nodiscard]] CoxAnalysis analyse_cox(const stats::DataFrame& table, const OutcomeColumns& outcome,
                                      const std::string& formula, const CoxOptions& options = {});

/// The same without a fit: rows, design and data alone.
[[nodiscard]] CoxAnalysis prepare_cox(const stats::DataFrame& table, const OutcomeColumns& outcome,
                                      const std::string& formula);
/// The model of coefficients that a penalised fit gave, one a column of the design; throws as prepare_cox().
[[nodiscard]] CoxAnalysis analyse_penalised(const stats::DataFrame& table, const OutcomeColumns& outcome,
                                            const std::string& formula, const std::vector<double>& coefficients,
                                            Ties ties, const CoxPenalty& penalty);

}  // namespace gliocast::survival
