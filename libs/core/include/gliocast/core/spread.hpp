#pragma once
#include <gliocast/core/quantile.hpp>

#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

namespace gliocast {

/// How values lie: NaN of none, an SD (n − 1) of fewer than two; quantiles by R's type 7.
struct Spread {
  double mean = std::numeric_limits<double>::quiet_NaN();
  double sd = mean, median = mean, q1 = mean, q3 = mean, least = mean, most = mean;
};
[[nodiscard]] inline Spread spread_of(const std::vector<double>& sorted) {
  if (sorted.empty()) return {};
  const auto n = static_cast<double>(sorted.size());
  Spread out;
  out.mean = std::accumulate(sorted.begin(), sorted.end(), 0.0) / n;
  double squares = 0;
  for (const double v : sorted) squares += (v - out.mean) * (v - out.mean);
  if (sorted.size() > 1) out.sd = std::sqrt(squares / (n - 1));
  out.median = quantile_r7(sorted, 0.5);
  out.q1 = quantile_r7(sorted, 0.25);
  out.q3 = quantile_r7(sorted, 0.75);
  out.least = sorted.front();
  out.most = sorted.back();
  return out;
}

}  // namespace gliocast
