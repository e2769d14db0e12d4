#include <gliocast/survival/concordance.hpp>

#include <gliocast/core/error.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>

namespace gliocast::survival {
namespace {

/// Sums over ranks 0 … n−1 that grow one at a time (Fenwick 1994).
class RankSums {
 public:
  explicit RankSums(std::size_t n) : tree_(n + 1, 0.0) {}
  void add(std::size_t rank, double value) {
    total_ += value;
    for (std::size_t i = rank + 1; i < tree_.size(); i += i & (~i + 1)) tree_[i] += value;
  }
  [[nodiscard]] double below(std::size_t rank) const {  ///< sum of ranks < rank
    double sum = 0;
    for (std::size_t i = rank; i > 0; i -= i & (~i + 1)) sum += tree_[i];
    return sum;
  }
  [[nodiscard]] double total() const { return total_; }

 private:
  std::vector<double> tree_;
  double total_ = 0;
};

struct Split {
  double below = 0, equal = 0, above = 0;
};
Split split(const RankSums& sums, std::size_t rank) {
  const double below = sums.below(rank), upto = sums.below(rank + 1);
  return {below, upto - below, sums.total() - upto};
}

/// Pair counts and influences of the rows of one stratum.
class PairCounter {
 public:
  PairCounter(const SurvivalSample& sample, const std::vector<double>& score, const std::vector<std::size_t>& rows,
              const ConcordanceOptions& options)
      : sample_(sample), rows_(rows), rank_(rows.size()), time_weight_(rows.size(), 1.0) {
    std::vector<double> values;
    for (const std::size_t r : rows) values.push_back(score[r]);
    auto sorted = values;
    std::ranges::sort(sorted);
    sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
    distinct_ = sorted.size();
    for (std::size_t i = 0; i < rows.size(); ++i)
      rank_[i] = static_cast<std::size_t>(std::ranges::lower_bound(sorted, values[i]) - sorted.begin());
    ascending_.resize(rows.size());
    std::iota(ascending_.begin(), ascending_.end(), std::size_t{0});
    std::ranges::stable_sort(ascending_, [&](std::size_t a, std::size_t b) {
      return time(a) != time(b) ? time(a) < time(b) : event(a) > event(b);
    });
    if (options.weight == ConcordanceWeight::Uno) weigh_by_censoring();
    if (options.until)
      for (std::size_t i = 0; i < rows.size(); ++i)
        if (time(i) > *options.until) time_weight_[i] = 0;
  }

  void count(Concordance& result, std::vector<double>& concordant, std::vector<double>& discordant,
             std::vector<double>& tied) {
    as_earlier(result, concordant, discordant, tied);
    as_later(concordant, discordant, tied);
  }

 private:
  [[nodiscard]] double time(std::size_t i) const { return sample_.time[rows_[i]]; }
  [[nodiscard]] bool event(std::size_t i) const { return sample_.event[rows_[i]] != 0; }
  [[nodiscard]] double weight(std::size_t i) const { return sample_.weight(rows_[i]); }
  [[nodiscard]] double entry(std::size_t i) const {
    return sample_.entry.empty() ? -std::numeric_limits<double>::infinity() : sample_.entry[rows_[i]];
  }

  /// 1 / G²(t−), G the Kaplan–Meier estimate of not being censored (events leave the risk set before censorings at the
  /// same time).
  void weigh_by_censoring() {
    if (!sample_.entry.empty())
      throw Error(ExitCode::WrongUse, "Uno's C is not defined with entry times", "--method uno, --entry");
    double at_risk = 0, g = 1;
    std::size_t events = 0;
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      at_risk += weight(i);
      events += event(i);
    }
    if (events < 2) return;
    for (std::size_t a = 0; a < ascending_.size();) {
      std::size_t b = a;
      double died = 0, censored = 0;
      for (; b < ascending_.size() && time(ascending_[b]) == time(ascending_[a]); ++b) {
        (event(ascending_[b]) ? died : censored) += weight(ascending_[b]);
        time_weight_[ascending_[b]] = 1 / (g * g);
      }
      if (censored > 0) g *= 1 - censored / (at_risk - died);
      at_risk -= died + censored;
      a = b;
    }
  }

  /// Each event against all that are at risk later.
  void as_earlier(Concordance& result, std::vector<double>& concordant, std::vector<double>& discordant,
                  std::vector<double>& tied) {
    RankSums later(distinct_);
    std::vector<std::size_t> by_entry;
    if (!sample_.entry.empty()) {
      by_entry = ascending_;
      std::ranges::stable_sort(by_entry, std::greater<>(), [&](std::size_t i) { return entry(i); });
    }
    std::size_t left = 0;
    for (std::size_t b = ascending_.size(); b > 0;) {
      std::size_t a = b;
      const double t = time(ascending_[b - 1]);
      while (a > 0 && time(ascending_[a - 1]) == t) --a;
      double died = 0, died_squared = 0;
      for (std::size_t k = a; k < b; ++k)
        if (!event(ascending_[k])) later.add(rank_[ascending_[k]], weight(ascending_[k]));
      for (; left < by_entry.size() && entry(by_entry[left]) >= t; ++left)
        later.add(rank_[by_entry[left]], -weight(by_entry[left]));
      for (std::size_t k = a; k < b; ++k) {
        const std::size_t i = ascending_[k];
        if (!event(i)) continue;
        const Split s = split(later, rank_[i]);
        const double w = time_weight_[i];
        concordant[rows_[i]] += w * s.below;
        tied[rows_[i]] += w * s.equal;
        discordant[rows_[i]] += w * s.above;
        result.concordant += w * weight(i) * s.below;
        result.tied_score += w * weight(i) * s.equal;
        result.discordant += w * weight(i) * s.above;
        died += weight(i);
        died_squared += weight(i) * weight(i);
      }
      result.tied_time += time_weight_[ascending_[a]] * (died * died - died_squared) / 2;
      for (std::size_t k = a; k < b; ++k)
        if (event(ascending_[k])) later.add(rank_[ascending_[k]], weight(ascending_[k]));
      b = a;
    }
  }

  /// Each row against the events before it, while it was at risk.
  void as_later(std::vector<double>& concordant, std::vector<double>& discordant, std::vector<double>& tied) {
    RankSums events(distinct_);
    std::size_t next = 0;
    const auto advance = [&](double until, bool inclusive) {
      for (; next < ascending_.size() &&
             (time(ascending_[next]) < until || (inclusive && time(ascending_[next]) == until));
           ++next)
        if (event(ascending_[next]))
          events.add(rank_[ascending_[next]], weight(ascending_[next]) * time_weight_[ascending_[next]]);
    };
    const auto take = [&](std::size_t i, double sign) {
      const Split s = split(events, rank_[i]);
      concordant[rows_[i]] += sign * s.above;
      tied[rows_[i]] += sign * s.equal;
      discordant[rows_[i]] += sign * s.below;
    };
    for (std::size_t a = 0; a < ascending_.size();) {
      std::size_t b = a;
      const double t = time(ascending_[a]);
      while (b < ascending_.size() && time(ascending_[b]) == t) ++b;
      advance(t, false);
      for (std::size_t k = a; k < b; ++k)
        if (event(ascending_[k])) take(ascending_[k], 1);
      advance(t, true);
      for (std::size_t k = a; k < b; ++k)
        if (!event(ascending_[k])) take(ascending_[k], 1);
      a = b;
    }
    if (sample_.entry.empty()) return;
    events = RankSums(distinct_);
    next = 0;
    auto by_entry = ascending_;
    std::ranges::stable_sort(by_entry, {}, [&](std::size_t i) { return entry(i); });
    for (const std::size_t i : by_entry) {
      advance(entry(i), true);
      take(i, -1);
    }
  }

  const SurvivalSample& sample_;
  const std::vector<std::size_t>& rows_;
  std::vector<std::size_t> rank_, ascending_;
  std::vector<double> time_weight_;
  std::size_t distinct_ = 0;
};

}  // namespace

Concordance concordance(const SurvivalSample& sample, const std::vector<double>& score,
                        const ConcordanceOptions& options, const std::vector<int>& strata,
                        const std::vector<int>& cluster) {
  const std::size_t n = sample.time.size();
  Concordance result;
  std::map<int, std::vector<std::size_t>> groups;
  for (std::size_t i = 0; i < n; ++i) groups[strata.empty() ? 0 : strata[i]].push_back(i);
  std::vector<double> concordant(n, 0.0), discordant(n, 0.0), tied(n, 0.0);
  for (const auto& [stratum, rows] : groups)
    PairCounter(sample, score, rows, options).count(result, concordant, discordant, tied);
  const double pairs = result.concordant + result.discordant + result.tied_score;
  if (!(pairs > 0)) {
    static_cast<stats::Estimate&>(result) = stats::unknown_estimate(options.level);
    return result;
  }
  const double somers = (result.concordant - result.discordant) / pairs;
  result.influence.resize(n);
  for (std::size_t i = 0; i < n; ++i) {
    const double w = sample.weight(i);
    result.influence[i] =
        0.5 * w *
        ((concordant[i] - discordant[i]) / pairs - somers / pairs * (concordant[i] + discordant[i] + tied[i]));
  }
  if (!cluster.empty()) {
    std::vector<double> sums(static_cast<std::size_t>(*std::ranges::max_element(cluster)) + 1, 0.0);
    for (std::size_t i = 0; i < n; ++i) sums[static_cast<std::size_t>(cluster[i])] += result.influence[i];
    result.influence = std::move(sums);
  }
  double variance = 0;
  for (const double v : result.influence) variance += v * v;
  static_cast<stats::Estimate&>(result) =
      stats::normal_estimate((somers + 1) / 2, std::sqrt(variance), options.level, 0, 1);
  return result;
}

stats::Comparison compare(const Concordance& first, const Concordance& second, double level) {
  double variance = 0;
  for (std::size_t i = 0; i < std::min(first.influence.size(), second.influence.size()); ++i) {
    const double d = first.influence[i] - second.influence[i];
    variance += d * d;
  }
  return stats::compare_with_zero(first.value - second.value, std::sqrt(variance), level);
}

}  // namespace gliocast::survival
