#pragma once
#include <cstddef>
#include <vector>

namespace gliocast::stats {

/// Rows in groups of about equal size by quantiles of their value, ascending; equal values stay together, so that there
/// may be fewer groups. As rms::groupkm(g =).
[[nodiscard]] std::vector<std::vector<std::size_t>> quantile_groups(const std::vector<double>& values,
                                                                    std::size_t groups);

}  // namespace gliocast::stats
