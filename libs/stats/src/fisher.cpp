#include <gliocast/core/random.hpp>
#include <gliocast/stats/group_tests.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <unordered_map>

namespace gliocast::stats {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kTolerance = 1e-7;  // a table no likelier than the observed: R's relative tolerance
constexpr double kSamePath = 1e-9;   // logarithms of probabilities nearer than this are one

using Whole = std::uint32_t;
using Margin = std::vector<Whole>;

/// ln n! for 0 … n.
std::vector<double> log_factorials(std::size_t n) {
  std::vector<double> table(n + 1, 0.0);
  for (std::size_t i = 1; i <= n; ++i) table[i] = table[i - 1] + std::log(static_cast<double>(i));
  return table;
}

/// A table with its margins, the shorter side as rows, columns and rows from the largest sum.
struct Layout {
  Margin rows, columns;
  std::size_t total = 0;
  std::vector<double> log_factorial;
  double observed = 0;  ///< −Σ ln x! of the table
};

Layout layout_of(const Counts& counts) {
  Layout l;
  Margin down(counts.size(), 0), across(counts[0].size(), 0);
  for (std::size_t r = 0; r < down.size(); ++r)
    for (std::size_t c = 0; c < across.size(); ++c) {
      const auto n = static_cast<Whole>(counts[r][c]);
      down[r] += n;
      across[c] += n;
      l.total += n;
    }
  l.log_factorial = log_factorials(l.total);
  for (const auto& row : counts)
    for (const double x : row) l.observed -= l.log_factorial[static_cast<std::size_t>(x)];
  const bool tall = down.size() > across.size();
  l.rows = tall ? across : down;
  l.columns = tall ? down : across;
  std::ranges::sort(l.rows, std::greater<>());
  std::ranges::sort(l.columns, std::greater<>());
  return l;
}

/// Fisher's P over the network of Mehta & Patel: a node is what is left of the row sums after some columns, a path the
/// cells chosen so far. Paths into a node that are equally likely are one; those whose every completion counts, or
/// none, end there.
class FisherNetwork {
 public:
  FisherNetwork(const Counts& counts, std::size_t most_steps) : l_(layout_of(counts)), steps_left_(most_steps) {
    place_.assign(l_.rows.size(), 0);
    std::uint64_t size = 1;  // the largest row is known from the others
    for (std::size_t r = 1; r < l_.rows.size() && !too_large_; ++r) {
      place_[r] = size;
      too_large_ = __builtin_mul_overflow(size, std::uint64_t{l_.rows[r]} + 1, &size);
    }
    after_.assign(l_.columns.size() + 1, 0.0);
    for (std::size_t c = l_.columns.size(); c-- > 0;) after_[c] = after_[c + 1] + fact(l_.columns[c]);
    bounds_.resize(l_.columns.size());
  }

  /// Nothing where the network is larger than the steps allow.
  std::optional<double> p() {
    if (too_large_) return std::nullopt;
    const double limit = l_.observed + std::log1p(kTolerance);
    std::unordered_map<std::uint64_t, Node> stage;
    stage[key(l_.rows)] = {l_.rows, {{0.0, 1.0}}, 64};
    for (std::size_t c = 0; c + 1 < l_.columns.size(); ++c) {
      std::unordered_map<std::uint64_t, Node> next;
      for (auto& [k, node] : stage) {
        merge(node.paths);
        if (!advance(node, c, limit, next)) return std::nullopt;
      }
      stage = std::move(next);
    }
    return std::min(sum_, 1.0);
  }

 private:
  struct Path {
    double past, probability;  ///< −Σ ln x! so far; probability to come this way
  };
  struct Node {
    Margin left;
    std::vector<Path> paths;
    std::size_t merge_at = 64;
  };
  struct Bounds {
    double longest = -std::numeric_limits<double>::infinity(), shortest = std::numeric_limits<double>::infinity();
  };

  [[nodiscard]] double fact(std::size_t n) const { return l_.log_factorial[n]; }
  [[nodiscard]] std::uint64_t key(const Margin& left) const {
    std::uint64_t k = 0;
    for (std::size_t r = 1; r < left.size(); ++r) k += place_[r] * left[r];
    return k;
  }
  /// ln of the sum over all tables of Π 1/x! with these row sums and the columns from `c` on.
  [[nodiscard]] double log_total(const Margin& left, std::size_t c) const {
    double sum = -after_[c];
    std::size_t n = 0;
    for (const Whole r : left) {
      sum -= fact(r);
      n += r;
    }
    return sum + fact(n);
  }

  /// Calls take(what is left, sorted; −Σ ln x! of the column) for each way to fill column `c`; false once the steps are
  /// used up or take says so.
  template <class Take>
  bool each_filling(const Margin& left, std::size_t c, Take&& take) {
    Margin open = left;
    std::vector<std::size_t> room(left.size() + 1, 0);
    for (std::size_t r = left.size(); r-- > 0;) room[r] = room[r + 1] + left[r];
    const auto fill = [&](auto& self, std::size_t r, Whole rest, double length) -> bool {
      if (r == left.size()) {
        if (steps_left_ == 0) return false;
        --steps_left_;
        Margin sorted = open;
        std::ranges::sort(sorted, std::greater<>());
        return take(std::move(sorted), length);
      }
      const Whole least = rest > room[r + 1] ? rest - static_cast<Whole>(room[r + 1]) : 0;
      for (Whole x = least; x <= std::min(rest, left[r]); ++x) {
        open[r] = left[r] - x;
        if (!self(self, r + 1, rest - x, length - fact(x))) return false;
      }
      return true;
    };
    return fill(fill, 0, l_.columns[c], 0.0);
  }

  /// The largest and the smallest −Σ ln x! of the columns from `c` on; false once the steps are used up.
  bool bounds(const Margin& left, std::size_t c, Bounds& result) {
    if (c + 1 == l_.columns.size()) {  // the last column is what is left
      double length = 0;
      for (const Whole x : left) length -= fact(x);
      result = {length, length};
      return true;
    }
    const std::uint64_t k = key(left);
    if (const auto known = bounds_[c].find(k); known != bounds_[c].end()) {
      result = known->second;
      return true;
    }
    Bounds found;
    const bool ok = each_filling(left, c, [&](Margin&& child, double length) {
      Bounds rest;
      if (!bounds(child, c + 1, rest)) return false;
      found.longest = std::max(found.longest, length + rest.longest);
      found.shortest = std::min(found.shortest, length + rest.shortest);
      return true;
    });
    if (ok) bounds_[c].emplace(k, found);
    result = found;
    return ok;
  }

  /// Sorts paths by their past and makes equally likely ones one.
  static void merge(std::vector<Path>& paths) {
    std::ranges::sort(paths, {}, &Path::past);
    std::size_t kept = 0;
    for (std::size_t i = 1; i < paths.size(); ++i)
      if (paths[i].past - paths[kept].past < kSamePath)
        paths[kept].probability += paths[i].probability;
      else
        paths[++kept] = paths[i];
    if (!paths.empty()) paths.resize(kept + 1);
  }

  /// Carries a node's paths over column `c`.
  bool advance(const Node& node, std::size_t c, double limit, std::unordered_map<std::uint64_t, Node>& next) {
    std::vector<double> up_to{0.0};  // probability of the paths before each
    for (const auto& path : node.paths) up_to.push_back(up_to.back() + path.probability);
    const double from = log_total(node.left, c);
    return each_filling(node.left, c, [&](Margin&& child, double length) {
      Bounds rest;
      if (!bounds(child, c + 1, rest)) return false;
      const double chance = std::exp(length + log_total(child, c + 1) - from);
      const auto first_beyond = [&](double past) {
        return std::ranges::upper_bound(node.paths, past, {}, &Path::past);
      };
      const auto undecided = first_beyond(limit - length - rest.longest),
                 out = first_beyond(limit - length - rest.shortest);
      sum_ += chance * up_to[static_cast<std::size_t>(undecided - node.paths.begin())];
      if (undecided >= out) return true;
      const auto n = static_cast<std::size_t>(out - undecided);
      if (steps_left_ < n) return false;
      steps_left_ -= n;
      auto& into = next[key(child)];
      if (into.left.empty()) into.left = std::move(child);
      for (auto path = undecided; path != out; ++path)
        into.paths.push_back({path->past + length, path->probability * chance});
      if (into.paths.size() > into.merge_at) {
        merge(into.paths);
        into.merge_at = std::max<std::size_t>(64, 2 * into.paths.size());
      }
      return true;
    });
  }

  Layout l_;
  std::vector<std::uint64_t> place_;
  std::vector<double> after_;  ///< Σ ln c! of the columns from each on
  std::vector<std::unordered_map<std::uint64_t, Bounds>> bounds_;
  double sum_ = 0;
  std::size_t steps_left_;
  bool too_large_ = false;
};

/// Draws tables with given margins, cell by cell from the hypergeometric distribution.
class RandomTables {
 public:
  RandomTables(const Layout& layout, std::uint64_t seed) : l_(layout), random_(seed, "fisher") {}

  /// −Σ ln x! of a new table.
  double draw() {
    Margin left = l_.rows;
    std::size_t n = l_.total;
    double length = 0;
    for (std::size_t c = 0; c + 1 < l_.columns.size(); ++c) {
      std::size_t open = l_.columns[c], among = n;
      for (std::size_t r = 0; r < left.size() && open > 0; ++r) {
        const std::size_t x = r + 1 == left.size() ? open : hypergeometric(among, left[r], open);
        among -= left[r];
        open -= x;
        left[r] -= static_cast<Whole>(x);
        length -= l_.log_factorial[x];
      }
      n -= l_.columns[c];
    }
    for (const Whole x : left) length -= l_.log_factorial[x];
    return length;
  }

 private:
  /// How many of `drawn` from `all`, of which `marked` are marked, are marked; by inversion from the mode outwards.
  std::size_t hypergeometric(std::size_t all, std::size_t marked, std::size_t drawn) {
    const std::size_t least = drawn + marked > all ? drawn + marked - all : 0, most = std::min(drawn, marked);
    if (least == most) return least;
    const auto& f = l_.log_factorial;
    const std::size_t mode = std::clamp((drawn + 1) * (marked + 1) / (all + 2), least, most);
    double u = random_.uniform(),
           below = std::exp(f[marked] - f[mode] - f[marked - mode] + f[all - marked] - f[drawn - mode] -
                            f[all - marked - drawn + mode] - f[all] + f[drawn] + f[all - drawn]);
    double above = below;
    u -= below;
    std::size_t low = mode, high = mode;
    while (u > 0 && (low > least || high < most)) {
      if (high < most) {
        above *= static_cast<double>((marked - high) * (drawn - high)) /
                 static_cast<double>((high + 1) * (all - marked + high + 1 - drawn));
        ++high;
        if ((u -= above) <= 0) return high;
      }
      if (low > least) {
        below *= static_cast<double>(low * (all - marked + low - drawn)) /
                 static_cast<double>((marked - low + 1) * (drawn - low + 1));
        --low;
        if ((u -= below) <= 0) return low;
      }
    }
    return mode;
  }

  const Layout& l_;
  Random random_;
};

}  // namespace

std::optional<NamedTest> fisher_exact(const Counts& counts, std::size_t most_steps) {
  const Counts table = without_empty(counts);
  if (table.size() < 2 || table[0].size() < 2) return NamedTest{{kNaN, 0, kNaN}, "Fisher"};
  const auto p = FisherNetwork(table, most_steps).p();
  if (!p) return std::nullopt;
  return NamedTest{{kNaN, 0, *p}, "Fisher"};
}

NamedTest fisher_simulated(const Counts& counts, std::size_t draws, std::uint64_t seed) {
  NamedTest result{{kNaN, 0, kNaN}, "Fisher (simulated, " + std::to_string(draws) + " draws)"};
  const Counts table = without_empty(counts);
  if (table.size() < 2 || table[0].size() < 2) return result;
  const Layout layout = layout_of(table);
  RandomTables tables(layout, seed);
  std::size_t extreme = 0;
  for (std::size_t b = 0; b < draws; ++b) extreme += tables.draw() <= layout.observed + std::log1p(kTolerance);
  result.p = static_cast<double>(extreme + 1) / static_cast<double>(draws + 1);
  return result;
}

NamedTest independence_test(const Counts& counts) {
  constexpr double kSmallCell = 5;  // Cochran's rule
  if (smallest_expected(counts) >= kSmallCell) return chi_square(counts);
  const auto exact = fisher_exact(counts);
  return exact ? *exact : fisher_simulated(counts);
}

}  // namespace gliocast::stats
