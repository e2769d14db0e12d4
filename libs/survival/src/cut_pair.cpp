// Divisions of a value in three groups by two cuts.
#include <gliocast/survival/cut_point.hpp>

#include "cut_scores.hpp"
#include "pick.hpp"

#include <gliocast/core/error.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace gliocast::survival {
namespace {

constexpr std::size_t kMostCandidates = 200;  // 19,900 pairs, each tried in every permutation
constexpr double kRounding = 1e-10;           // of a statistic: a permutation that equals the data counts as good

/// Log-rank scores in the order of the value, centred; the scale that makes Σ (sum of a group)² / size a chi-square
/// under permutation.
struct RankedScores {
  std::vector<double> scores;
  double scale = 0;
};

std::vector<std::size_t> order_of(const std::vector<double>& value) {
  std::vector<std::size_t> order(value.size());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::stable_sort(order, {}, [&](std::size_t i) { return value[i]; });
  return order;
}

RankedScores rank_scores(const SurvivalSample& sample, const std::vector<std::size_t>& order) {
  const auto all = log_rank_scores(sample);
  const auto n = static_cast<double>(all.size());
  const double mean = std::accumulate(all.begin(), all.end(), 0.0) / n;
  RankedScores result;
  double squares = 0;
  for (const std::size_t i : order) {
    result.scores.push_back(all[i] - mean);
    squares += (all[i] - mean) * (all[i] - mean);
  }
  result.scale = squares > 0 ? (n - 1) / squares : 0;
  return result;
}

/// Sums of the first `size` scores at every candidate.
std::vector<double> sums_at(const std::vector<double>& scores, const std::vector<std::size_t>& sizes) {
  std::vector<double> sums;
  double sum = 0;
  std::size_t done = 0;
  for (const std::size_t size : sizes) {
    for (; done < size; ++done) sum += scores[done];
    sums.push_back(sum);
  }
  return sums;
}

/// Chi-square of three groups whose scores sum to zero.
double three_groups(double low_sum, double both_sum, double low, double both, double n) {
  const double middle = both_sum - low_sum;
  return low_sum * low_sum / low + middle * middle / (both - low) + both_sum * both_sum / (n - both);
}

}  // namespace

CutPairSearch search_cut_pair(const SurvivalSample& sample, const std::vector<double>& value, double least,
                              const stats::ResamplingOptions& permutations) {
  check_searchable(sample);
  const auto order = order_of(value);
  const std::size_t n = value.size(),
                    fewest = static_cast<std::size_t>(std::max(1.0, std::floor(static_cast<double>(n) * least)));
  std::vector<std::size_t> sizes;  // rows up to each candidate
  for (std::size_t m = fewest; m + fewest <= n && m < n; ++m)
    if (value[order[m]] != value[order[m - 1]]) sizes.push_back(m);
  CutPairSearch result;
  result.thinned = sizes.size() > kMostCandidates;
  if (result.thinned) {
    std::vector<std::size_t> thin;
    for (std::size_t k = 0; k < kMostCandidates; ++k)
      thin.push_back(sizes[k * (sizes.size() - 1) / (kMostCandidates - 1)]);
    sizes = std::move(thin);
  }
  for (const std::size_t m : sizes) result.candidates.push_back(value[order[m - 1]]);
  for (std::size_t a = 0; a < sizes.size(); ++a)
    for (std::size_t b = a + 1; b < sizes.size(); ++b)
      if (sizes[b] - sizes[a] >= fewest) result.pairs.push_back({a, b, sizes[a], sizes[b] - sizes[a], n - sizes[b], 0});
  if (result.pairs.empty())
    throw unusable_input("no two values leave " + std::to_string(fewest) + " rows in each of three groups");
  const RankedScores ranked = rank_scores(sample, order);
  const std::vector<double>& scores = ranked.scores;
  const auto statistic = [&](const std::vector<double>& sums, const CutPair& p) {
    return ranked.scale * three_groups(sums[p.low_cut], sums[p.high_cut], static_cast<double>(p.low),
                                       static_cast<double>(p.low + p.middle), static_cast<double>(n));
  };
  const auto observed = sums_at(scores, sizes);
  for (auto& p : result.pairs) p.chi_square = statistic(observed, p);
  result.best =
      static_cast<std::size_t>(std::ranges::max_element(result.pairs, {}, &CutPair::chi_square) - result.pairs.begin());
  const double best = result.pairs[result.best].chi_square * (1 - kRounding);
  result.p_corrected = stats::permutation_p(n, permutations, [&](const stats::Rows& rows) {
    const auto permuted = sums_at(pick(scores, rows), sizes);
    return std::ranges::any_of(result.pairs, [&](const CutPair& p) { return statistic(permuted, p) >= best; });
  });
  return result;
}

std::vector<double> cut_pair_statistics(const CutPairSearch& search, const SurvivalSample& sample,
                                        const std::vector<double>& value) {
  const auto order = order_of(value);
  const auto [scores, scale] = rank_scores(sample, order);
  std::vector<std::size_t> sizes;
  for (const double cut : search.candidates)
    sizes.push_back(static_cast<std::size_t>(
        std::ranges::partition_point(order, [&](std::size_t i) { return value[i] <= cut; }) - order.begin()));
  const auto sums = sums_at(scores, sizes);
  std::vector<double> result;
  for (const auto& p : search.pairs) {
    const std::size_t low = sizes[p.low_cut], both = sizes[p.high_cut];
    const bool empty = low == 0 || both == low || both == value.size();
    result.push_back(empty ? std::numeric_limits<double>::quiet_NaN()
                           : scale * three_groups(sums[p.low_cut], sums[p.high_cut], static_cast<double>(low),
                                                  static_cast<double>(both), static_cast<double>(value.size())));
  }
  return result;
}

}  // namespace gliocast::survival
