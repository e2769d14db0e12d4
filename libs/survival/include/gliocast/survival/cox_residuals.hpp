#pragma once
#include <gliocast/stats/estimate.hpp>
#include <gliocast/stats/matrix.hpp>
#include <gliocast/survival/cox.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace gliocast::survival {

/// Residuals of a fit to the same data, [n, p] (aliased columns 0).
[[nodiscard]] stats::Matrix score_residuals(const CoxData& data, const CoxFit& fit);
/// Score residuals times the inverse information: the change of each coefficient where a row is left out.
[[nodiscard]] stats::Matrix dfbeta_residuals(const CoxData& data, const CoxFit& fit);
/// Martingale residuals made symmetric, one a row; as R's residuals(type = "deviance"), without case weights.
[[nodiscard]] std::vector<double> deviance_residuals(const CoxData& data, const CoxFit& fit);
/// One row an event, ordered by stratum and time: x minus its mean over those at risk.
struct SchoenfeldResiduals {
  std::vector<std::size_t> rows;  ///< of the data
  stats::Matrix values;           ///< [events, p]
};
/// Throws Error{WrongUse} with exact ties, for which they are not defined.
[[nodiscard]] SchoenfeldResiduals schoenfeld_residuals(const CoxData& data, const CoxFit& fit);

/// How time enters the test of proportional hazards.
enum class TimeTransform { KaplanMeier, Identity, Log, Rank };
struct ProportionalHazardsTest {
  std::vector<std::string> terms;  ///< the last is "GLOBAL"
  std::vector<stats::TestResult> tests;
};
/// Score test of a time-varying coefficient for each term, as R's cox.zph (survival >= 3). `term_of_column` gives the
/// term of each column.
[[nodiscard]] ProportionalHazardsTest test_proportional_hazards(const CoxData& data, const CoxFit& fit,
                                                                const std::vector<std::size_t>& term_of_column,
                                                                const std::vector<std::string>& term_labels,
                                                                TimeTransform transform = TimeTransform::KaplanMeier);

}  // namespace gliocast::survival
