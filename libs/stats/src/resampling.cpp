#include <gliocast/stats/resampling.hpp>

#include <gliocast/core/error.hpp>
#include <gliocast/core/interrupt.hpp>
#include <gliocast/core/parallel.hpp>
#include <gliocast/core/progress.hpp>
#include <gliocast/core/quantile.hpp>
#include <gliocast/core/random.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <numeric>
#include <random>

namespace gliocast::stats {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
// Draws held in memory at a time: few enough to be small, enough that threads are seldom started.
constexpr std::size_t kFewestDraws = 64, kMostDraws = 4096, kMostRows = 4'000'000;
constexpr double kLongSeconds = 5;  // work that is over before shows no progress

Rows first_rows(std::size_t n) {
  Rows rows(n);
  std::iota(rows.begin(), rows.end(), std::size_t{0});
  return rows;
}

}  // namespace

// The generator is the standard's and the remainder is taken: what a seed has given stays.
Sampler bootstrap_units(std::vector<Rows> units, std::uint64_t seed) {
  return [units = std::move(units), random = std::mt19937_64(seed)]() mutable {
    Rows rows;
    for (std::size_t u = 0; u < units.size(); ++u) {
      const Rows& unit = units[random() % units.size()];
      rows.insert(rows.end(), unit.begin(), unit.end());
    }
    return rows;
  };
}

Sampler bootstrap_rows(std::size_t n, std::uint64_t seed) {
  return [n, random = std::mt19937_64(seed)]() mutable {
    Rows rows(n);
    for (auto& r : rows) r = random() % n;
    return rows;
  };
}

Sampler bootstrap_strata(const std::vector<int>& strata, std::uint64_t seed) {
  std::map<int, Rows> members;
  for (std::size_t i = 0; i < strata.size(); ++i) members[strata[i]].push_back(i);
  return [members = std::move(members), seed, draw = std::uint64_t{0}]() mutable {
    Random random(seed, "bootstrap", draw++);
    Rows rows;
    for (const auto& [stratum, list] : members)
      for (std::size_t k = 0; k < list.size(); ++k) rows.push_back(list[random.below(list.size())]);
    return rows;
  };
}

Sampler permutations(std::size_t n, std::uint64_t seed) {
  return [rows = first_rows(n), random = std::mt19937_64(seed)]() mutable {
    for (std::size_t i = rows.size(); i-- > 1;) std::swap(rows[i], rows[random() % (i + 1)]);
    return rows;
  };
}

std::vector<Rows> rows_of_clusters(const std::vector<int>& cluster) {
  std::vector<Rows> units;
  for (std::size_t i = 0; i < cluster.size(); ++i) {
    const auto c = static_cast<std::size_t>(cluster[i]);
    if (c >= units.size()) units.resize(c + 1);
    units[c].push_back(i);
  }
  // Numbers of clusters that have no row here, as in a part of a table: drawn, they would leave draws short of rows.
  std::erase_if(units, [](const Rows& unit) { return unit.empty(); });
  return units;
}

void for_each_draw(const ResamplingOptions& options, const Sampler& sampler,
                   const std::function<void(std::size_t, const Rows&)>& body) {
  std::unique_ptr<Progress> progress;
  if (!options.progress.empty()) progress = std::make_unique<Progress>(options.progress, options.draws, kLongSeconds);
  std::vector<Rows> block;
  for (std::size_t begin = 0; begin < options.draws; begin += block.size()) {
    block.assign(1, sampler());
    const std::size_t size = std::clamp(kMostRows / (block[0].size() + 1), kFewestDraws, kMostDraws);
    while (block.size() < std::min(options.draws - begin, size)) block.push_back(sampler());
    parallel_for(block.size(), options.threads, [&](std::size_t k) {
      throw_if_interrupted();
      body(begin + k, block[k]);
      if (progress) progress->advance();
    });
  }
}

std::string describe_failures(const std::map<std::string, std::size_t>& failed) {
  std::string text;
  for (const auto& [reason, count] : failed)
    text += (text.empty() ? "" : ", ") + std::to_string(count) + " (" + reason + ")";
  return text;
}

std::size_t count_failures(const std::map<std::string, std::size_t>& failed) {
  std::size_t count = 0;
  for (const auto& [reason, draws] : failed) count += draws;
  return count;
}

Estimate percentile_estimate(double value, std::vector<double> drawn, double level) {
  std::erase_if(drawn, [](double v) { return std::isnan(v); });
  Estimate result{value, kNaN, kNaN, kNaN, level};
  if (drawn.size() < 2) return result;
  const auto n = static_cast<double>(drawn.size());
  std::ranges::sort(drawn);
  double mean = 0, squares = 0;
  for (const double v : drawn) mean += v / n;
  for (const double v : drawn) squares += (v - mean) * (v - mean);
  result.se = std::sqrt(squares * n / (n - 1)) / std::sqrt(n);
  result.low = quantile_r7(drawn, (1 - level) / 2);
  result.high = quantile_r7(drawn, 1 - (1 - level) / 2);
  return result;
}

Estimate bootstrap_estimate(const std::vector<int>& strata, const std::function<double(const Rows&)>& statistic,
                            const ResamplingOptions& options, double level) {
  std::vector<double> drawn(options.draws);
  for_each_draw(options, bootstrap_strata(strata, options.seed),
                [&](std::size_t draw, const Rows& rows) { drawn[draw] = statistic(rows); });
  Estimate result = percentile_estimate(statistic(first_rows(strata.size())), drawn, level);
  // Limits by the quantile that published ones were made with.
  std::erase_if(drawn, [](double v) { return std::isnan(v); });
  std::ranges::sort(drawn);
  result.low = quantile_linear(drawn, 0.5 * (1 - level));
  result.high = quantile_linear(drawn, 0.5 * (1 + level));
  return result;
}

double permutation_p(std::size_t n, const ResamplingOptions& options, const std::function<bool(const Rows&)>& as_good) {
  std::vector<char> good(options.draws, 0);
  for_each_draw(options, permutations(n, options.seed),
                [&](std::size_t draw, const Rows& rows) { good[draw] = as_good(rows) ? 1 : 0; });
  const auto count = std::ranges::count(good, char{1});
  return static_cast<double>(1 + count) / static_cast<double>(1 + options.draws);
}

std::vector<std::size_t> assign_folds(const std::vector<std::string>& ids, const std::vector<int>& strata,
                                      std::size_t folds, std::uint64_t seed) {
  if (folds < 2 || folds > ids.size())
    throw Error(ExitCode::WrongUse, std::to_string(folds) + " folds of " + std::to_string(ids.size()) + " patients",
                "--folds", "give 2 or more, at most one a patient");
  std::map<int, Rows> members;
  for (std::size_t i = 0; i < ids.size(); ++i) members[strata[i]].push_back(i);
  std::vector<std::size_t> fold(ids.size());
  std::size_t next = 0;
  for (auto& [stratum, list] : members) {
    std::ranges::sort(list, {}, [&](std::size_t i) { return ids[i]; });
    Random random(seed, "folds", static_cast<std::uint64_t>(stratum + 1));
    for (std::size_t i = list.size(); i > 1; --i) std::swap(list[i - 1], list[random.below(i)]);
    for (const std::size_t i : list) fold[i] = next++ % folds;
  }
  return fold;
}

}  // namespace gliocast::stats
