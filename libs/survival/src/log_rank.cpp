#include <gliocast/survival/log_rank.hpp>

#include <gliocast/core/error.hpp>
#include <gliocast/stats/distributions.hpp>
#include <gliocast/survival/kaplan_meier.hpp>
#include <gliocast/survival/robust_score.hpp>

#include <Eigen/Dense>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <numeric>

namespace gliocast::survival {
namespace {

SurvivalSample unweighted(const SurvivalSample& sample, const std::vector<std::size_t>& rows) {
  SurvivalSample result = take(sample, rows);
  result.weights.clear();
  return result;
}

/// Adds one stratum: rows in descending order of time.
void add_stratum(const SurvivalSample& sample, const std::vector<int>& group, const std::vector<std::size_t>& rows,
                 const LogRankOptions& options, std::vector<LogRankGroup>& groups, Eigen::VectorXd& difference,
                 Eigen::MatrixXd& variance) {
  const auto k = static_cast<Eigen::Index>(groups.size());
  // The weights need the curve from its start.
  std::vector<double> survival_before;
  double survival = 1;
  for (const auto& step : kaplan_meier(unweighted(sample, rows)).steps) {
    if (step.n_event > 0) survival_before.push_back(survival);
    survival = step.survival;
  }
  auto by_entry = sample.entry.empty() ? std::vector<std::size_t>{} : rows;
  std::ranges::sort(by_entry, std::greater<>(), [&](std::size_t i) { return sample.entry[i]; });
  std::size_t left = 0;
  Eigen::VectorXd risk = Eigen::VectorXd::Zero(k), died(k);
  double total = 0;
  for (std::size_t i = 0; i < rows.size();) {
    const double t = sample.time[rows[i]];
    died.setZero();
    for (; i < rows.size() && sample.time[rows[i]] == t; ++i) {
      const auto g = static_cast<Eigen::Index>(group[rows[i]]);
      risk[g] += 1;
      total += 1;
      if (sample.event[rows[i]]) died[g] += 1;
    }
    for (; left < by_entry.size() && sample.entry[by_entry[left]] >= t; ++left) {  // not yet observed
      risk[static_cast<Eigen::Index>(group[by_entry[left]])] -= 1;
      total -= 1;
    }
    const double deaths = died.sum();
    if (deaths == 0) continue;
    const double before = survival_before.back();
    survival_before.pop_back();
    const double w = (options.rho == 0 ? 1.0 : std::pow(before, options.rho)) *
                     (options.gamma == 0 ? 1.0 : std::pow(1 - before, options.gamma));
    for (Eigen::Index g = 0; g < k; ++g) {
      const double expected = deaths * risk[g] / total;
      groups[static_cast<std::size_t>(g)].observed += w * died[g];
      groups[static_cast<std::size_t>(g)].expected += w * expected;
      difference[g] += w * (died[g] - expected);
    }
    if (total > 1) {
      const double f = w * w * deaths * (total - deaths) / (total - 1);
      for (Eigen::Index g = 0; g < k; ++g) {
        variance(g, g) += f * risk[g] / total;
        for (Eigen::Index h = 0; h < k; ++h) variance(g, h) -= f * risk[g] * risk[h] / (total * total);
      }
    }
  }
}

/// Numbers without gaps.
std::vector<int> renumbered(const std::vector<int>& numbers) {
  std::map<int, int> number;
  std::vector<int> result;
  for (const int n : numbers) result.push_back(number.emplace(n, static_cast<int>(number.size())).first->second);
  return result;
}

/// The tests by the spread of subjects' scores: of groups that were at risk at an event, and of the trend.
void count_subjects(const SurvivalSample& sample, const std::vector<int>& group, const std::vector<std::size_t>& rows,
                    const std::vector<int>& strata, const std::vector<int>& cluster,
                    const std::vector<Eigen::Index>& indicated, LogRankTest& result) {
  const SurvivalSample used = unweighted(sample, rows);
  CoxData data{.time = used.time,
               .event = used.event,
               .entry = used.entry,
               .weights = {},
               .offset = {},
               .strata = {},
               .cluster = {},
               .x = stats::Matrix(rows.size(), indicated.size()),
               .names = {}};
  for (const std::size_t i : rows) {
    if (!strata.empty()) data.strata.push_back(strata[i]);
    data.cluster.push_back(cluster[i]);
  }
  data.cluster = renumbered(data.cluster);
  if (!strata.empty()) data.strata = renumbered(data.strata);
  data.names.assign(indicated.size(), "group");
  for (std::size_t c = 0; c < indicated.size(); ++c)
    for (std::size_t i = 0; i < rows.size(); ++i) data.x(i, c) = group[rows[i]] == indicated[c] ? 1 : 0;
  const auto test = [&] {
    return robust_score_test(data, std::vector<double>(data.names.size(), 0.0), std::vector<char>(data.names.size(), 1),
                             Ties::Breslow);
  };
  static_cast<stats::TestResult&>(result) = test();
  data.x = stats::Matrix(rows.size(), 1);
  data.names = {"trend"};
  for (std::size_t i = 0; i < rows.size(); ++i) data.x(i, 0) = group[rows[i]];
  result.trend = test();
}

}  // namespace

LogRankTest log_rank(const SurvivalSample& sample, const std::vector<int>& group,
                     const std::vector<std::string>& labels, const std::vector<int>& strata,
                     const LogRankOptions& options) {
  if (!options.cluster.empty() && (options.rho != 0 || options.gamma != 0))
    throw Error(ExitCode::WrongUse, "a weighted log-rank test does not count subjects");
  LogRankTest result;
  for (const auto& label : labels) result.groups.push_back({label});
  std::vector<std::size_t> order;
  bool any_event = false;
  for (std::size_t i = 0; i < group.size(); ++i) {
    if (group[i] < 0) continue;
    order.push_back(i);
    ++result.groups[static_cast<std::size_t>(group[i])].n;
    any_event = any_event || sample.event[i];
  }
  std::erase_if(result.groups, [](const LogRankGroup& g) { return g.n == 0; });
  if (result.groups.size() < 2)
    throw unusable_input("a log-rank test needs two groups with rows, here is " + std::to_string(result.groups.size()));
  if (!any_event) throw unusable_input("there is no event, so the groups cannot be compared");
  if (result.groups.size() != labels.size())
    throw Error(ExitCode::InternalFault, "an empty group was handed to the log-rank test");
  const auto stratum = [&](std::size_t i) { return strata.empty() ? 0 : strata[i]; };
  std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) {
    return stratum(a) != stratum(b) ? stratum(a) < stratum(b) : sample.time[a] > sample.time[b];
  });
  const auto k = static_cast<Eigen::Index>(labels.size());
  Eigen::VectorXd difference = Eigen::VectorXd::Zero(k);
  Eigen::MatrixXd variance = Eigen::MatrixXd::Zero(k, k);
  for (std::size_t a = 0; a < order.size();) {
    std::size_t b = a;
    while (b < order.size() && stratum(order[b]) == stratum(order[a])) ++b;
    add_stratum(sample, group,
                {order.begin() + static_cast<std::ptrdiff_t>(a), order.begin() + static_cast<std::ptrdiff_t>(b)},
                options, result.groups, difference, variance);
    a = b;
  }
  // Groups that were never at risk at an event drop out; the last of the others is determined by the rest.
  std::vector<Eigen::Index> kept;
  for (Eigen::Index g = 0; g < k; ++g)
    if (result.groups[static_cast<std::size_t>(g)].expected > 0) kept.push_back(g);
  result.df = static_cast<double>(kept.size()) - 1;
  if (kept.size() < 2) {
    result.p = std::numeric_limits<double>::quiet_NaN();
    result.trend = {result.p, 1, result.p};
    return result;
  }
  const Eigen::VectorXd score = Eigen::VectorXd::LinSpaced(k, 0, static_cast<double>(k - 1));
  const double excess = score.dot(difference), spread = score.dot(variance * score);
  result.trend = {excess * excess / spread, 1, stats::chi_square_upper(excess * excess / spread, 1)};
  kept.erase(kept.begin());
  const Eigen::VectorXd d = difference(kept);
  const Eigen::MatrixXd v = variance(kept, kept);
  result.statistic = d.dot(v.ldlt().solve(d));
  result.p = stats::chi_square_upper(result.statistic, result.df);
  if (!options.cluster.empty()) count_subjects(sample, group, order, strata, options.cluster, kept, result);
  return result;
}

}  // namespace gliocast::survival
