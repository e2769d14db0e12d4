#pragma once
#include <gliocast/survival/influence.hpp>
#include <gliocast/survival/sample.hpp>

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
/// Interval by the normal distribution, cut to [0, 1]; NaN without comparable pairs. The squares of the influences sum
/// to se²; with clusters there is one influence a cluster.
struct Concordance : InfluenceEstimate {
  double concordant = 0, discordant = 0, tied_score = 0, tied_time = 0;  ///< weighted pairs
};

/// A higher score means a higher risk. `strata`: pairs within strata only (empty: all); `cluster`: rows of one subject
/// (empty: each its own). O(n log n). Uno: pairs weighted by 1 / G²(t−) with G the censoring distribution. Source:
/// Harrell 1982; Uno 2011; infinitesimal jackknife variance as R survival's concordance (timewt = "n", "n/G2").
[[nodiscard]] Concordance concordance(const SurvivalSample& sample, const std::vector<double>& score,
                                      const ConcordanceOptions& options = {}, const std::vector<int>& strata = {},
                                      const std::vector<int>& cluster = {});

/// First less second, two scores of the same rows, by the covariance of their influences (U-statistics, Kang 2015), as
/// R's concordance(fit1, fit2).
[[nodiscard]] stats::Comparison compare(const Concordance& first, const Concordance& second, double level = 0.95);

}  // namespace gliocast::survival
