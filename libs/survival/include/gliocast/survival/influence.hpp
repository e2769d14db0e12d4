#pragma once
#include <gliocast/stats/estimate.hpp>

#include <cstddef>
#include <vector>

namespace gliocast::survival {

/// An estimate with the influence of each row: its weight times the value's derivative in it. The standard error and
/// the limits come from the influences (infinitesimal jackknife); scores of the rows are taken as given.
struct InfluenceEstimate : stats::Estimate {
  std::vector<double> influence;
};
/// NaN throughout, of `rows` rows.
[[nodiscard]] InfluenceEstimate unknown_influence(std::size_t rows, double level = 0.95);
/// Normal interval from one influence a row: variance n/(n−1) Σ (influence − mean)². NaN limits with one row.
[[nodiscard]] InfluenceEstimate influence_estimate(double value, std::vector<double> influence, double level = 0.95);
/// first − second, both of the same rows, with the influences of the difference.
[[nodiscard]] InfluenceEstimate difference(const InfluenceEstimate& first, const InfluenceEstimate& second,
                                           double level = 0.95);

}  // namespace gliocast::survival
