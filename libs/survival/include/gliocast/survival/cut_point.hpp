#pragma once
#include <gliocast/survival/kaplan_meier.hpp>

#include <vector>

namespace gliocast::survival {

struct CutPoint {
  double cut = 0;               ///< rows with value <= cut are the low group
  std::size_t low = 0, high = 0;
  double statistic = 0;         ///< standardised log-rank score statistic; negative: fewer events than expected in the low group
};
struct CutPointSearch {
  std::vector<CutPoint> cuts;   ///< every distinct value that leaves the least share on both sides
  std::size_t best = 0;         ///< largest absolute statistic
  double p_corrected = 0;       ///< of the largest of correlated statistics (Lausen & Schumacher 1992)
};

/// Maximally selected log-rank statistic over all cuts of a value. `least`: share of rows that each group has at least, in (0, 0.5).
/// Throws Error{UnusableInput} where no cut is left or there is no event. Case weights and late entry are refused.
/// Source: Lausen & Schumacher 1992; scores as Hothorn & Lausen 2003 (R's maxstat).
[[nodiscard]] CutPointSearch search_cut_point(const SurvivalSample& sample, const std::vector<double>& value, double least = 0.1);

}  // namespace gliocast::survival
