#include <gliocast/stats/bootstrap.hpp>

#include <gliocast/core/quantile.hpp>
#include <gliocast/core/random.hpp>

#include <algorithm>
#include <cmath>
#include <map>

namespace gliocast::stats {

std::vector<std::vector<std::size_t>> stratified_resamples(const std::vector<int>& strata, std::size_t draws,
                                                           std::uint64_t seed) {
  std::map<int, std::vector<std::size_t>> members;
  for (std::size_t i = 0; i < strata.size(); ++i) members[strata[i]].push_back(i);
  std::vector<std::vector<std::size_t>> out(draws);
  for (std::size_t d = 0; d < draws; ++d) {
    Random random(seed, "bootstrap", d);
    for (const auto& [stratum, list] : members)
      for (std::size_t k = 0; k < list.size(); ++k) out[d].push_back(list[random.below(list.size())]);
  }
  return out;
}

Interval bootstrap_interval(const std::vector<int>& strata,
                            const std::function<double(const std::vector<std::size_t>&)>& statistic, std::size_t draws,
                            double level, std::uint64_t seed) {
  std::vector<double> values;
  for (const auto& sample : stratified_resamples(strata, draws, seed))
    if (const double v = statistic(sample); !std::isnan(v)) values.push_back(v);
  std::ranges::sort(values);
  return {quantile_linear(values, 0.5 * (1 - level)), quantile_linear(values, 0.5 * (1 + level))};
}

}  // namespace gliocast::stats
