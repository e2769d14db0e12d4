#include <gliocast/stats/quantile_groups.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace gliocast::stats {
namespace {

constexpr double kRankTolerance = 1e-9;  // of a share of rows that is whole but for rounding

}  // namespace

std::vector<std::vector<std::size_t>> quantile_groups(const std::vector<double>& values, std::size_t groups) {
  const std::size_t n = values.size();
  std::vector<std::size_t> order(n);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, {}, [&](std::size_t i) { return values[i]; });
  std::vector<std::vector<std::size_t>> result;
  std::size_t begin = 0;
  for (std::size_t g = 1; g <= groups && begin < n; ++g) {
    // Up to the smallest value that g/groups of all rows do not exceed.
    auto end =
        static_cast<std::size_t>(std::ceil(static_cast<double>(g * n) / static_cast<double>(groups) - kRankTolerance));
    if (end <= begin) continue;
    while (end < n && values[order[end]] == values[order[end - 1]]) ++end;
    result.emplace_back(order.begin() + static_cast<std::ptrdiff_t>(begin),
                        order.begin() + static_cast<std::ptrdiff_t>(end));
    begin = end;
  }
  return result;
}

}  // namespace gliocast::stats
