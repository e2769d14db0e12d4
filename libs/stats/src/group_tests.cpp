#include <gliocast/stats/group_tests.hpp>

#include <gliocast/stats/distributions.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace gliocast::stats {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

/// Sum over groups of tied values of t³ − t.
double tie_term(std::vector<double> values) {
  std::ranges::sort(values);
  double sum = 0;
  for (std::size_t i = 0; i < values.size();) {
    std::size_t j = i;
    while (j < values.size() && values[j] == values[i]) ++j;
    const double t = static_cast<double>(j - i);
    sum += t * t * t - t;
    i = j;
  }
  return sum;
}

/// P(U <= u) of m and n values without ties, by the number of ways to reach each U.
double mann_whitney_cdf(double u, std::size_t m, std::size_t n) {
  const std::size_t most = m * n;
  // ways[j][s]: choices of j of the ranks so far with U = s
  std::vector<std::vector<double>> ways(m + 1, std::vector<double>(most + 1, 0.0));
  ways[0][0] = 1;
  for (std::size_t rank = 1; rank <= m + n; ++rank)
    for (std::size_t j = std::min(m, rank); j >= 1; --j) {
      const std::size_t gain = rank - j;  // values of the other group below this one
      if (gain > n) continue;
      for (std::size_t s = most; s + 1 > gain; --s) ways[j][s] += ways[j - 1][s - gain];
    }
  double total = 0, below = 0;
  for (std::size_t s = 0; s <= most; ++s) {
    total += ways[m][s];
    if (static_cast<double>(s) <= u) below += ways[m][s];
  }
  return below / total;
}

/// P of U by the normal approximation, with continuity and tie correction.
double mann_whitney_normal_p(double u, double m, double n, double ties) {
  const double sd = std::sqrt(m * n / 12 * ((m + n + 1) - ties / ((m + n) * (m + n - 1))));
  const double d = u - m * n / 2;
  return sd > 0 ? std::min(1.0, normal_two_sided((d - (d > 0 ? 0.5 : d < 0 ? -0.5 : 0)) / sd)) : kNaN;
}

struct Margins {
  std::vector<double> rows, columns;
  double total = 0;
};
Margins margins(const Counts& counts) {
  Margins m{std::vector<double>(counts.size(), 0.0), std::vector<double>(counts.empty() ? 0 : counts[0].size(), 0.0),
            0};
  for (std::size_t r = 0; r < counts.size(); ++r)
    for (std::size_t c = 0; c < m.columns.size(); ++c) {
      m.rows[r] += counts[r][c];
      m.columns[c] += counts[r][c];
      m.total += counts[r][c];
    }
  return m;
}

}  // namespace

std::vector<double> mid_ranks(const std::vector<double>& values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {}, [&](std::size_t i) { return values[i]; });
  std::vector<double> ranks(values.size());
  for (std::size_t i = 0; i < order.size();) {
    std::size_t j = i;
    while (j < order.size() && values[order[j]] == values[order[i]]) ++j;
    for (std::size_t k = i; k < j; ++k) ranks[order[k]] = 0.5 * static_cast<double>(i + 1 + j);
    i = j;
  }
  return ranks;
}

NamedTest mann_whitney(const std::vector<double>& a, const std::vector<double>& b) {
  NamedTest result{{kNaN, 0, kNaN}, "Mann-Whitney"};
  if (a.empty() || b.empty()) return result;
  std::vector<double> all = a;
  all.insert(all.end(), b.begin(), b.end());
  const auto ranks = mid_ranks(all);
  const double m = static_cast<double>(a.size()), n = static_cast<double>(b.size());
  const double u =
      std::accumulate(ranks.begin(), ranks.begin() + static_cast<std::ptrdiff_t>(a.size()), 0.0) - m * (m + 1) / 2;
  result.statistic = u;
  const double ties = tie_term(all);
  if (a.size() < 50 && b.size() < 50 && ties == 0) {
    const double tail =
        u > m * n / 2 ? 1 - mann_whitney_cdf(u - 1, a.size(), b.size()) : mann_whitney_cdf(u, a.size(), b.size());
    result.p = std::min(2 * tail, 1.0);
    return result;
  }
  result.p = mann_whitney_normal_p(u, m, n, ties);
  return result;
}

NamedTest mann_whitney_normal(std::span<const double> a, std::span<const double> b) {
  NamedTest result{{kNaN, 0, kNaN}, "Mann-Whitney"};
  if (a.empty() || b.empty()) return result;
  std::vector<double> x(a.begin(), a.end()), y(b.begin(), b.end());
  std::ranges::sort(x);
  std::ranges::sort(y);
  double rank_sum = 0, ties = 0;
  for (std::size_t i = 0, j = 0; i < x.size() || j < y.size();) {
    const double least = j == y.size() || (i < x.size() && x[i] <= y[j]) ? x[i] : y[j];
    const std::size_t below = i + j, first = i;
    while (i < x.size() && x[i] == least) ++i;
    while (j < y.size() && y[j] == least) ++j;
    const double t = static_cast<double>(i + j - below);
    rank_sum += 0.5 * static_cast<double>(below + 1 + i + j) * static_cast<double>(i - first);
    ties += t * t * t - t;
  }
  const double m = static_cast<double>(a.size()), n = static_cast<double>(b.size());
  result.statistic = rank_sum - m * (m + 1) / 2;
  result.p = mann_whitney_normal_p(result.statistic, m, n, ties);
  return result;
}

NamedTest kruskal_wallis(const std::vector<std::vector<double>>& groups) {
  NamedTest result{{kNaN, 0, kNaN}, "Kruskal-Wallis"};
  std::vector<double> all;
  std::size_t used = 0;
  for (const auto& g : groups) {
    all.insert(all.end(), g.begin(), g.end());
    used += g.empty() ? 0 : 1;
  }
  if (used < 2) return result;
  const auto ranks = mid_ranks(all);
  const double n = static_cast<double>(all.size());
  double sum = 0;
  auto next = ranks.begin();
  for (const auto& g : groups) {
    if (g.empty()) continue;
    const auto end = next + static_cast<std::ptrdiff_t>(g.size());
    const double r = std::accumulate(next, end, 0.0);
    sum += r * r / static_cast<double>(g.size());
    next = end;
  }
  result.df = static_cast<double>(used - 1);
  result.statistic = (12 * sum / (n * (n + 1)) - 3 * (n + 1)) / (1 - tie_term(all) / (n * n * n - n));
  result.p = chi_square_upper(result.statistic, result.df);
  return result;
}

Counts without_empty(const Counts& counts) {
  Counts rows;
  for (const auto& row : counts)
    if (std::accumulate(row.begin(), row.end(), 0.0) > 0) rows.push_back(row);
  if (rows.empty()) return rows;
  Counts result(rows.size());
  for (std::size_t c = 0; c < rows[0].size(); ++c) {
    double sum = 0;
    for (const auto& row : rows) sum += row[c];
    if (sum > 0)
      for (std::size_t r = 0; r < rows.size(); ++r) result[r].push_back(rows[r][c]);
  }
  return result;
}

double smallest_expected(const Counts& counts) {
  const Counts table = without_empty(counts);
  const Margins m = margins(table);
  double least = std::numeric_limits<double>::infinity();
  for (const double r : m.rows)
    for (const double c : m.columns) least = std::min(least, r * c / m.total);
  return least;
}

NamedTest chi_square(const Counts& counts) {
  NamedTest result{{kNaN, 0, kNaN}, "chi-square"};
  const Counts table = without_empty(counts);
  if (table.size() < 2 || table[0].size() < 2) return result;
  const Margins m = margins(table);
  const bool two_by_two = table.size() == 2 && table[0].size() == 2;
  double correction = two_by_two ? 0.5 : 0;
  const auto difference = [&](std::size_t r, std::size_t c) {
    return std::abs(table[r][c] - m.rows[r] * m.columns[c] / m.total);
  };
  if (two_by_two) correction = std::min(correction, difference(0, 0));
  double sum = 0;
  for (std::size_t r = 0; r < m.rows.size(); ++r)
    for (std::size_t c = 0; c < m.columns.size(); ++c) {
      const double d = difference(r, c) - correction;
      sum += d * d / (m.rows[r] * m.columns[c] / m.total);
    }
  result.statistic = sum;
  result.df = static_cast<double>((m.rows.size() - 1) * (m.columns.size() - 1));
  result.p = chi_square_upper(sum, result.df);
  return result;
}

}  // namespace gliocast::stats
