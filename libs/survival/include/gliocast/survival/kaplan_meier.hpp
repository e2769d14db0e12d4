#pragma once
#include <gliocast/stats/estimate.hpp>
#include <gliocast/survival/sample.hpp>

#include <vector>

namespace gliocast::survival {

/// Scale on which an interval of survival is symmetric, as survfit(conf.type =).
enum class ConfidenceType { Plain, Log, LogLog };

struct KaplanMeierOptions {
  double level = 0.95;                              ///< coverage of the interval, in (0, 1)
  ConfidenceType confidence = ConfidenceType::Log;  ///< scale on which Greenwood's variance is applied
};

/// One step of the curve. What is undefined (nobody left at risk) is NaN.
struct SurvivalStep {
  double time = 0, n_risk = 0, n_event = 0, n_censor = 0;
  double survival = 1;
  double se = 0;             ///< of −log(survival), as survfit's std.err; infinite where survival is 0
  double low = 1, high = 1;  ///< limits of survival
  double hazard = 0;         ///< Nelson–Aalen cumulative hazard
  double hazard_se = 0;      ///< its standard error
};

struct KaplanMeierCurve {
  std::vector<SurvivalStep> steps;  ///< ascending in time, one per distinct event or censoring time
  std::size_t n = 0, events = 0;    ///< rows

  double level = 0.95;  ///< coverage of the steps' limits

  /// Median and its limits where the curve and its interval reach 0.5; NaN where they do not, and for the standard
  /// error. A curve flat at 0.5 has the middle of the flat part.
  [[nodiscard]] stats::Estimate median() const;
  /// Smallest time with survival <= 1 − p (the middle of the flat part where equal); NaN where the curve stays above. p
  /// in (0, 1).
  [[nodiscard]] double quantile(double p) const;
  /// The last step at or before `time`; null before the first, where survival is 1.
  [[nodiscard]] const SurvivalStep* at(double time) const;
  /// Restricted mean: area under the curve until `until`, the curve carried on flat beyond its last time; with the
  /// normal interval of its standard error. As R's survfit prints it (rmean = until).
  [[nodiscard]] stats::Estimate restricted_mean(double until) const;
};

/// Product-limit estimate; ties: events before censorings. O(n log n). Throws Error{UnusableInput} without rows.
/// Source: Kaplan & Meier 1958; variance Greenwood 1926; limits as R survival's survfit(conf.type =); hazard Nelson
/// 1972, Aalen 1978. `cluster`: the subject of each row, from 0 (empty: each its own); standard errors are then those
/// of the jackknife grouped by subject, as survfit(cluster =).
[[nodiscard]] KaplanMeierCurve kaplan_meier(const SurvivalSample& sample, const KaplanMeierOptions& options = {},
                                            const std::vector<int>& cluster = {});

/// Influence of each of `clusters` subjects on the restricted mean of their curve; the root of the sum of squares is
/// its robust standard error. As R's residuals(survfit, type = "auc", collapse = TRUE).
[[nodiscard]] std::vector<double> restricted_mean_influence(const SurvivalSample& sample, const KaplanMeierCurve& curve,
                                                            double until, const std::vector<int>& cluster,
                                                            std::size_t clusters);

}  // namespace gliocast::survival
