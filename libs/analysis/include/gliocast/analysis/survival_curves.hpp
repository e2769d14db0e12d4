#pragma once
#include <gliocast/analysis/output.hpp>
#include <gliocast/stats/adjust_p.hpp>
#include <gliocast/stats/data_frame.hpp>
#include <gliocast/survival/kaplan_meier.hpp>
#include <gliocast/survival/log_rank.hpp>
#include <gliocast/survival/survival_frame.hpp>

#include <optional>
#include <string>
#include <vector>

namespace gliocast::analysis {

struct CurvesOptions {
  survival::OutcomeColumns outcome;
  std::string group;  ///< column of groups; empty: one curve
  survival::ConfidenceType confidence = survival::ConfidenceType::Log;
  std::optional<double> restricted_mean_until{};  ///< default: the shortest follow-up of a group
  double level = 0.95;
  std::vector<double> times{};  ///< rows of the table and survival are told at; none: the table has the whole curve
  stats::PAdjustment adjustment = stats::PAdjustment::Holm;  ///< of the pairwise tests of three groups or more
};
/// Kaplan–Meier curves of groups with medians, survival at times, median follow-up (reverse Kaplan–Meier), restricted
/// means and their differences from the first group's, the log-rank test (of a trend and of pairs too with three groups
/// or more) and a figure. Throws
/// Error{UnusableInput} as make_survival_frame and group_rows do, Error{WrongUse} of a time before all follow-up.
[[nodiscard]] AnalysisOutput survival_curves(const stats::DataFrame& table, CurvesOptions options);

struct LogRankOptions {
  survival::OutcomeColumns outcome;
  std::string group;                ///< column of groups
  std::vector<std::string> strata;  ///< columns whose combinations are the strata
  survival::LogRankOptions weights;
};
/// Log-rank test of groups. Throws Error{UnusableInput} as make_survival_frame, group_rows and survival::log_rank do.
[[nodiscard]] AnalysisOutput log_rank(const stats::DataFrame& table, const LogRankOptions& options);

}  // namespace gliocast::analysis
