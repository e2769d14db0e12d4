#include <gliocast/learn/feature_elimination.hpp>

#include <algorithm>
#include <numeric>

namespace gliocast::learn {

std::vector<std::size_t> eliminate_features(const FeatureTable& table, const ColumnImportance& importance,
                                            const EliminationOptions& options) {
  std::vector<std::size_t> left(table.values.columns);
  std::iota(left.begin(), left.end(), std::size_t{0});
  std::vector<std::vector<std::size_t>> dropped;
  const std::size_t keep = std::max<std::size_t>(1, options.keep);
  while (left.size() > keep) {
    const auto share = static_cast<std::size_t>(options.fraction * static_cast<double>(left.size()));
    const std::size_t drop = std::min(std::max<std::size_t>(1, share), left.size() - keep);
    const auto value = importance(table.select(left));
    std::vector<std::size_t> order(left.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_sort(order, {}, [&](std::size_t i) { return value[i]; });
    std::vector<std::size_t> out, in;
    for (std::size_t i = 0; i < order.size(); ++i) (i < drop ? out : in).push_back(left[order[i]]);
    std::ranges::sort(in);
    dropped.push_back(std::move(out));
    left = std::move(in);
  }
  std::vector<std::size_t> rank(table.values.columns, 1);
  for (std::size_t k = 0; k < dropped.size(); ++k)
    for (const std::size_t c : dropped[k]) rank[c] = dropped.size() + 1 - k;
  return rank;
}

}  // namespace gliocast::learn
