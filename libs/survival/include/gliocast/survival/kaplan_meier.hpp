#pragma once
#include <string>
#include <vector>

namespace gliocast::survival {

enum class ConfidenceType { Plain, Log, LogLog };

struct KaplanMeierOptions {
  double level = 0.95;                              ///< coverage of the interval, in (0, 1)
  ConfidenceType confidence = ConfidenceType::Log;  ///< scale on which Greenwood's variance is applied
};

/// One step of the curve. What is undefined (nobody left at risk) is NaN.
struct SurvivalStep {
  double time = 0, n_risk = 0, n_event = 0, n_censor = 0;
  double survival = 1;
  double std_error = 0;  ///< of −log(survival), as survfit's std.err; infinite where survival is 0
  double lower = 1, upper = 1;
  double hazard = 0;            ///< Nelson–Aalen cumulative hazard
  double hazard_std_error = 0;  ///< its standard error
};

struct RestrictedMean {
  double until = 0, mean = 0, std_error = 0;
};

struct KaplanMeierCurve {
  std::vector<SurvivalStep> steps;  ///< ascending in time, one per distinct event or censoring time
  std::size_t n = 0, events = 0;    ///< rows

  /// Median and its limits where the curve and its interval reach 0.5; NaN where they do not. A curve flat at 0.5 has
  /// the middle of the flat part.
  struct Median {
    double estimate = 0, lower = 0, upper = 0;
  };
  [[nodiscard]] Median median() const;
  /// Smallest time with survival <= 1 − p (the middle of the flat part where equal); NaN where the curve stays above. p
  /// in (0, 1).
  [[nodiscard]] double quantile(double p) const;
  /// Survival just after `time`; 1 before the first step.
  [[nodiscard]] const SurvivalStep* at(double time) const;
  /// Area under the curve until `until`, the curve carried on flat beyond its last time.
  [[nodiscard]] RestrictedMean restricted_mean(double until) const;
};

/// What a curve or test is computed from. Empty `entry`, `weights`: none.
struct SurvivalSample {
  std::vector<double> time;
  std::vector<char> event;
  std::vector<double> entry, weights;
};

/// Product-limit estimate; ties: events before censorings. O(n log n). Throws Error{UnusableInput} without rows.
/// Source: Kaplan & Meier 1958; variance Greenwood 1926; limits as R survival's survfit(conf.type =); hazard Nelson
/// 1972, Aalen 1978.
[[nodiscard]] KaplanMeierCurve kaplan_meier(const SurvivalSample& sample, const KaplanMeierOptions& options = {});

struct LogRankGroup {
  std::string label;
  std::size_t n = 0;
  double observed = 0, expected = 0;
};
struct LogRankTest {
  double chi_square = 0, df = 0, p = 0;
  std::vector<LogRankGroup> groups;
};
/// Weights S(t−)^rho (1 − S(t−))^gamma of Fleming & Harrington; 0, 0 is the log-rank test, rho = 1 the Peto & Peto
/// modification of Wilcoxon's.
struct LogRankOptions {
  double rho = 0, gamma = 0;
};
/// k groups (`group` from 0, −1 leaves a row out), stratified where `strata` is not empty. O(n log n). Throws
/// Error{UnusableInput} with fewer than two groups or no event. Entry times are honoured (R's survdiff refuses them):
/// with rho = 0 and two groups it is the score test of coxph(ties = "exact"). Case weights are not used. Source: Mantel
/// 1966; Harrington & Fleming 1982; as R survival's survdiff(rho =).
[[nodiscard]] LogRankTest log_rank(const SurvivalSample& sample, const std::vector<int>& group,
                                   const std::vector<std::string>& labels, const std::vector<int>& strata = {},
                                   const LogRankOptions& options = {});

}  // namespace gliocast::survival
