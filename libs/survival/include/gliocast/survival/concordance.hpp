#pragma once
#include <gliocast/survival/kaplan_meier.hpp>

#include <optional>
#include <vector>

namespace gliocast::survival {

enum class ConcordanceWeight { Harrell, Uno };

struct ConcordanceOptions {
  ConcordanceWeight weight = ConcordanceWeight::Harrell;
  double level = 0.95;
  std::optional<double> until;  ///< pairs whose earlier event is later are left out
};

/// Share of comparable pairs in which the higher score dies first, ties of scores count half.
struct Concordance {
  double estimate = 0, se = 0, lower = 0,
         upper = 0;  ///< interval by the normal distribution, cut to [0, 1]; NaN without comparable pairs
  double concordant = 0, discordant = 0, tied_score = 0, tied_time = 0;
  std::vector<double> influence;  ///< of each row on the estimate; their squares sum to se²
};

/// A higher score means a higher risk. `strata`: pairs within strata only (empty: all); `cluster`: rows of one subject
/// (empty: each its own). O(n log n). Uno: pairs weighted by 1 / G²(t−) with G the censoring distribution. Source:
/// Harrell 1982; Uno 2011; infinitesimal jackknife variance as R survival's concordance (timewt = "n", "n/G2").
[[nodiscard]] Concordance concordance(const SurvivalSample& sample, const std::vector<double>& score,
                                      const ConcordanceOptions& options = {}, const std::vector<int>& strata = {},
                                      const std::vector<int>& cluster = {});

struct ConcordanceComparison {
  double difference = 0, se = 0, z = 0, p = 0, lower = 0, upper = 0;  ///< first − second
};
/// Two scores of the same rows, by the covariance of their influences (U-statistics, Kang 2015), as R's
/// concordance(fit1, fit2).
[[nodiscard]] ConcordanceComparison compare(const Concordance& first, const Concordance& second, double level = 0.95);

}  // namespace gliocast::survival
