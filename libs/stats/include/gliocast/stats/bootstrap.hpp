#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

namespace gliocast::stats {

struct Interval {
  double lower = 0, upper = 0;
};

/// Percentile interval of a statistic under resampling of subjects with replacement, within strata (class sizes stay).
/// Draws where the statistic is NaN are left out. `strata`: one number a subject. The same seed gives the same
/// interval.
[[nodiscard]] Interval bootstrap_interval(const std::vector<int>& strata,
                                          const std::function<double(const std::vector<std::size_t>&)>& statistic,
                                          std::size_t draws = 2000, double level = 0.95, std::uint64_t seed = 1);

/// The index sets of such a bootstrap.
[[nodiscard]] std::vector<std::vector<std::size_t>> stratified_resamples(const std::vector<int>& strata,
                                                                         std::size_t draws, std::uint64_t seed);

}  // namespace gliocast::stats
