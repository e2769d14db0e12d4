#pragma once
#include <gliocast/stats/resampling.hpp>
#include <gliocast/survival/sample.hpp>

#include <vector>

namespace gliocast::survival {

struct CutPoint {
  double cut = 0;  ///< rows with value <= cut are the low group
  std::size_t low = 0, high = 0;
  /// Standardised log-rank score statistic; negative: fewer events than expected in the low group.
  double statistic = 0;
};
struct CutPointSearch {
  std::vector<CutPoint> cuts;  ///< every distinct value that leaves the least share on both sides
  std::size_t best = 0;        ///< largest absolute statistic
  double p_corrected = 0;      ///< of the largest of correlated statistics (Lausen & Schumacher 1992)
};

/// Maximally selected log-rank statistic over all cuts of a value. `least`: share of rows that each group has at least,
/// in (0, 0.5). Throws Error{UnusableInput} where no cut is left or there is no event. Case weights and late entry are
/// refused. Source: Lausen & Schumacher 1992; scores as Hothorn & Lausen 2003 (R's maxstat).
[[nodiscard]] CutPointSearch search_cut_point(const SurvivalSample& sample, const std::vector<double>& value,
                                              double least = 0.1);

/// Two cuts that make three groups: value <= low_cut, up to high_cut, above.
struct CutPair {
  std::size_t low_cut = 0, high_cut = 0;  ///< into CutPairSearch::candidates
  std::size_t low = 0, middle = 0, high = 0;
  double chi_square = 0;  ///< of the three groups, 2 degrees of freedom; no P of its own: the cuts were searched
};
struct CutPairSearch {
  std::vector<double> candidates;  ///< ascending
  bool thinned = false;            ///< more distinct values than candidates
  std::vector<CutPair> pairs;      ///< every pair that leaves the least share in all three groups
  std::size_t best = 0;
  double p_corrected = 0;  ///< share of permutations whose best pair is as good: (1 + count) / (1 + permutations)
};

/// All divisions in three groups (X-tile), by the log-rank statistic in its permutation distribution. At most 200
/// candidate cuts, evenly over the rows, are tried. `least`: share of rows that each group has at least, in (0, 1/3).
/// Throws Error{UnusableInput} where no pair is left or there is no event. The same seed gives the same P for every
/// number of threads. Source: Camp 2004 (X-tile); statistic as coin's logrank_test with Hothorn & Lausen's scores.
[[nodiscard]] CutPairSearch search_cut_pair(const SurvivalSample& sample, const std::vector<double>& value,
                                            double least = 0.1, const stats::ResamplingOptions& permutations = {});
/// The statistic of given cuts on another sample; NaN where a group has no row.
[[nodiscard]] std::vector<double> cut_pair_statistics(const CutPairSearch& search, const SurvivalSample& sample,
                                                      const std::vector<double>& value);

}  // namespace gliocast::survival
