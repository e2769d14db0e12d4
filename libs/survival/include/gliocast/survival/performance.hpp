#pragma once
#include <gliocast/survival/cox.hpp>
#include <gliocast/survival/kaplan_meier.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace gliocast::survival {

// How well predicted survival at one time agrees with what happened. `predicted`: P(T > t) of each row of the sample,
// in [0, 1].

struct CalibrationGroup {
  std::size_t n = 0, events = 0;
  double predicted = 0;                       ///< mean
  double observed = 0, lower = 0, upper = 0;  ///< Kaplan–Meier at the time with its log interval; NaN where the group's
                                              ///< follow-up ends before, or with fewer than 2 rows
  double std_error = 0;                       ///< of log survival
};
/// Groups of about equal size by quantiles of the prediction; equal predictions stay together. As rms::groupkm(g =).
[[nodiscard]] std::vector<CalibrationGroup> grouped_calibration(const SurvivalSample& sample,
                                                                const std::vector<double>& predicted, double time,
                                                                std::size_t groups, double level = 0.95);

/// Observed against predicted as a smooth curve: Cox model of a restricted cubic spline of log(−log predicted). Source:
/// Austin, Harrell & van Klaveren 2020.
struct SmoothCalibration {
  std::vector<double> predicted, observed;  ///< 100 points between the 1st and 99th percentile of the prediction
  double ici = 0, e50 = 0, e90 = 0;         ///< mean, median, 90th percentile of |observed − predicted| over the rows
};
/// Throws Error{UnusableInput} with too few different predictions for a spline (fewer than 6 rows or 3 knots).
[[nodiscard]] SmoothCalibration smooth_calibration(const SurvivalSample& sample, const std::vector<double>& predicted,
                                                   double time, std::size_t knots = 3);

/// A value estimated from a sample, with the influence of each row: its weight times the value's derivative in it.
struct WithInterval {
  double value = 0;
  double se = 0, lower = 0,
         upper = 0;  ///< from the influences (infinitesimal jackknife); the rows' scores are taken as given
  std::vector<double> influence;
};
/// Normal interval from influences: variance n/(n−1) Σ (influence − mean)².
[[nodiscard]] WithInterval interval_from_influence(double value, std::vector<double> influence, double level = 0.95);
/// first − second, both of the same rows.
[[nodiscard]] WithInterval difference(const WithInterval& first, const WithInterval& second, double level = 0.95);

/// P(censoring time > t) by the reverse Kaplan–Meier estimate; ties: events before censorings.
class CensoringCurve {
 public:
  explicit CensoringCurve(const SurvivalSample& sample);
  [[nodiscard]] double before(double time) const;  ///< G(t−)
  [[nodiscard]] double at(double time) const;      ///< G(t)
  [[nodiscard]] std::size_t steps() const { return time_.size(); }
  [[nodiscard]] std::size_t steps_before(double time) const;  ///< steps that G(t−) holds
  [[nodiscard]] std::size_t steps_until(double time) const;   ///< steps that G(t) holds
  /// Adds to each row's influence what it has through G. `share_of_step[k]`: the part of the value whose weight 1/G
  /// holds just the steps 0…k.
  void add_influence(const SurvivalSample& sample, const std::vector<double>& share_of_step,
                     std::vector<double>& influence) const;

 private:
  std::vector<double> time_, value_, hazard_, at_risk_;
};

/// Brier score at `time`, rows weighted by the inverse chance of not being censored; its interval within [0, 1]. NaN
/// where nobody is followed so far. Source: Graf 1999; interval: Gerds & Kattan 2021 (R's riskRegression::Score).
[[nodiscard]] WithInterval brier_score(const SurvivalSample& sample, const CensoringCurve& censoring,
                                       const std::vector<double>& predicted, double time, double level = 0.95);

/// Cumulative sensitivity and dynamic specificity of a score (higher = higher risk) at `time`, weighted as above.
/// Source: Uno 2007; interval: Blanche 2013. No AUC without a case or control; no error and limits with one of them.
struct TimeRoc {
  WithInterval auc;
  std::size_t cases = 0, controls = 0;
  std::vector<double> threshold, sensitivity, specificity;  ///< thresholds descending, from infinity
};
[[nodiscard]] TimeRoc time_dependent_roc(const SurvivalSample& sample, const CensoringCurve& censoring,
                                         const std::vector<double>& score, double time, double level = 0.95);

/// Net benefit of treating those whose risk of the event by `time` reaches a threshold. Source: Vickers 2008
/// (Kaplan–Meier among the treated).
struct DecisionCurve {
  std::vector<double> threshold, model, all;  ///< treating none has 0
};
[[nodiscard]] DecisionCurve decision_curve(const SurvivalSample& sample, const std::vector<double>& predicted,
                                           double time, const std::vector<double>& thresholds);

/// Apparent value of an index, what it promises too much on average, and the difference. Source: Harrell, Lee & Mark
/// 1996.
struct OptimismCorrected {
  std::string index;
  double apparent = 0, training = 0, test = 0, optimism = 0, corrected = 0;
  std::size_t draws = 0;  ///< that could be fitted
};
/// Concordance and calibration slope of a Cox model under resampling of rows (of clusters, where there are any) with
/// replacement: fitted to the draw, tested on the data. The same seed gives the same numbers.
[[nodiscard]] std::vector<OptimismCorrected> bootstrap_validation(const CoxData& data, const CoxOptions& options,
                                                                  std::size_t draws, std::uint64_t seed = 1);

}  // namespace gliocast::survival
