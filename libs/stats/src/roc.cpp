#include <gliocast/stats/roc.hpp>

#include <gliocast/stats/group_tests.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <utility>

namespace gliocast::stats {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

/// DeLong's structural components: for each positive the share of negatives below it, for each negative the share of
/// positives above it.
struct Components {
  double auc = 0;
  std::vector<double> positive, negative;
};

Components components(const std::vector<double>& scores, const std::vector<int>& truth) {
  std::vector<double> x, y;
  for (std::size_t i = 0; i < scores.size(); ++i) (truth[i] == 1 ? x : y).push_back(scores[i]);
  std::vector<double> all = x;
  all.insert(all.end(), y.begin(), y.end());
  const auto rank = mid_ranks(all), rank_x = mid_ranks(x), rank_y = mid_ranks(y);
  const double m = static_cast<double>(x.size()), n = static_cast<double>(y.size());
  Components c;
  for (std::size_t i = 0; i < x.size(); ++i) c.positive.push_back((rank[i] - rank_x[i]) / n);
  for (std::size_t j = 0; j < y.size(); ++j) c.negative.push_back(1 - (rank[x.size() + j] - rank_y[j]) / m);
  c.auc = std::accumulate(c.positive.begin(), c.positive.end(), 0.0) / m;
  return c;
}

double covariance(const std::vector<double>& a, const std::vector<double>& b, double mean_a, double mean_b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += (a[i] - mean_a) * (b[i] - mean_b);
  return sum / (static_cast<double>(a.size()) - 1);
}

double covariance(const Components& a, const Components& b) {
  return covariance(a.positive, b.positive, a.auc, b.auc) / static_cast<double>(a.positive.size()) +
         covariance(a.negative, b.negative, a.auc, b.auc) / static_cast<double>(a.negative.size());
}

/// With one subject of a class nothing is known of its scatter.
bool scatter_known(const Components& c) { return c.positive.size() > 1 && c.negative.size() > 1; }

}  // namespace

Estimate auc_delong(const std::vector<double>& scores, const std::vector<int>& truth, double level) {
  const Components c = components(scores, truth);
  return scatter_known(c) ? normal_estimate(c.auc, std::sqrt(covariance(c, c)), level, 0, 1)
                          : value_alone(c.auc, level);
}

Comparison compare_auc(const std::vector<double>& first, const std::vector<double>& second,
                       const std::vector<int>& truth, double level) {
  const Components a = components(first, truth), b = components(second, truth);
  if (!scatter_known(a) || !scatter_known(b)) return compare_with_zero(a.auc - b.auc, kNaN, level);
  const double variance = covariance(a, a) + covariance(b, b) - 2 * covariance(a, b);
  return compare_with_zero(a.auc - b.auc, std::sqrt(std::max(0.0, variance)), level);
}

std::vector<RocPoint> roc_curve(const std::vector<double>& scores, const std::vector<int>& truth) {
  std::vector<std::size_t> order(scores.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, std::greater<>(), [&](std::size_t i) { return scores[i]; });
  const double positives = static_cast<double>(std::ranges::count(truth, 1)),
               negatives = static_cast<double>(truth.size()) - positives;
  std::vector<RocPoint> curve{{std::numeric_limits<double>::infinity(), 0, 1}};
  double hits = 0, alarms = 0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    (truth[order[i]] == 1 ? hits : alarms) += 1;
    if (i + 1 == order.size() || scores[order[i + 1]] != scores[order[i]])
      curve.push_back({scores[order[i]], hits / positives, 1 - alarms / negatives});
  }
  return curve;
}

double auc(const std::vector<double>& scores, const std::vector<int>& truth) {
  const auto ranks = mid_ranks(scores);
  double rank_sum = 0, positives = 0;
  for (std::size_t i = 0; i < scores.size(); ++i)
    if (truth[i] == 1) {
      rank_sum += ranks[i];
      ++positives;
    }
  const double negatives = static_cast<double>(scores.size()) - positives;
  if (positives == 0 || negatives == 0) return std::numeric_limits<double>::quiet_NaN();
  return (rank_sum - 0.5 * positives * (positives + 1)) / (positives * negatives);
}

double auc_within(const std::vector<double>& scores, const std::vector<int>& truth,
                  const std::vector<std::size_t>& group) {
  std::map<std::size_t, std::pair<std::vector<double>, std::vector<int>>> groups;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    auto& [of, classes] = groups[group[i]];
    of.push_back(scores[i]);
    classes.push_back(truth[i]);
  }
  double won = 0, pairs = 0;
  for (const auto& [number, rows] : groups) {
    const auto positives = static_cast<double>(std::ranges::count(rows.second, 1));
    const double of_group = positives * (static_cast<double>(rows.second.size()) - positives);
    if (of_group == 0) continue;
    won += of_group * auc(rows.first, rows.second);
    pairs += of_group;
  }
  return won / pairs;
}

}  // namespace gliocast::stats
