#include <gliocast/survival/cut_point.hpp>

#include "cut_scores.hpp"

#include <gliocast/core/error.hpp>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

namespace gliocast::survival {
std::vector<double> log_rank_scores(const SurvivalSample& s) {
  const std::size_t n = s.time.size();
  std::vector<std::size_t> order(n);
  std::iota(order.begin(), order.end(), 0);
  std::ranges::stable_sort(order, {}, [&](std::size_t i) { return s.time[i]; });
  std::vector<double> scores(n);
  double hazard = 0;
  for (std::size_t k = 0; k < n;) {
    std::size_t end = k, events = 0;
    for (; end < n && s.time[order[end]] == s.time[order[k]]; ++end) events += s.event[order[end]] != 0;
    hazard += static_cast<double>(events) / static_cast<double>(n - end + 1);
    for (; k < end; ++k) scores[order[k]] = (s.event[order[k]] ? 1.0 : 0.0) - hazard;
  }
  return scores;
}

namespace {

double lausen_schumacher(double b, double least) {
  const double density = std::exp(-b * b / 2) / std::sqrt(2 * std::numbers::pi), most = 1 - least;
  return std::min(1.0, 4 * density / b + density * (b - 1 / b) * std::log(most * (1 - least) / ((1 - most) * least)));
}

}  // namespace

void check_searchable(const SurvivalSample& sample) {
  if (!sample.entry.empty() || !sample.weights.empty())
    throw unusable_input("a cut point is searched without case weights and late entry");
  if (std::ranges::find(sample.event, char{1}) == sample.event.end())
    throw unusable_input("no event: no cut point can be searched");
}

CutPointSearch search_cut_point(const SurvivalSample& sample, const std::vector<double>& value, double least) {
  check_searchable(sample);
  const auto scores = log_rank_scores(sample);
  const std::size_t n = value.size();
  std::vector<std::size_t> order(n);
  std::iota(order.begin(), order.end(), 0);
  std::ranges::stable_sort(order, {}, [&](std::size_t i) { return value[i]; });
  double sum = 0, squares = 0;
  for (const double a : scores) {
    sum += a;
    squares += a * a;
  }
  const auto size = static_cast<double>(n);
  const auto fewest = static_cast<std::size_t>(std::max(1.0, std::floor(size * least))),
             most = static_cast<std::size_t>(std::floor(size * (1 - least)));
  CutPointSearch result;
  double below = 0;
  for (std::size_t m = 1; m < n; ++m) {
    below += scores[order[m - 1]];
    if (value[order[m]] == value[order[m - 1]] || m < fewest || m > most) continue;
    const auto low = static_cast<double>(m);
    const double variance = low * (size - low) / (size * size * (size - 1)) * (size * squares - sum * sum);
    result.cuts.push_back(
        {value[order[m - 1]], m, n - m, variance > 0 ? (below - low / size * sum) / std::sqrt(variance) : 0});
  }
  if (result.cuts.empty()) throw unusable_input("no value leaves " + std::to_string(fewest) + " rows on both sides");
  result.best = static_cast<std::size_t>(
      std::ranges::max_element(result.cuts, {}, [](const CutPoint& c) { return std::abs(c.statistic); }) -
      result.cuts.begin());
  const double b = std::abs(result.cuts[result.best].statistic);
  result.p_corrected = b > 0 ? lausen_schumacher(b, least) : 1;
  return result;
}

}  // namespace gliocast::survival
