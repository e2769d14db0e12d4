#pragma once
#include <gliocast/stats/estimate.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace gliocast::stats {

/// Outcome of a test, and which test it was.
struct NamedTest : TestResult {
  std::string name;  ///< e.g. "Mann-Whitney"
};

/// Ranks from 1; equal values share their mean rank.
[[nodiscard]] std::vector<double> mid_ranks(const std::vector<double>& values);

/// Mann–Whitney U: exact below 50 values a group without ties, else normal with continuity and tie correction.
/// Statistic: U of the first group. Source: Hollander & Wolfe 1973, as R's wilcox.test(a, b).
[[nodiscard]] NamedTest mann_whitney(const std::vector<double>& a, const std::vector<double>& b);
/// The same by the normal approximation at any number of values, as wilcox.test(a, b, exact = FALSE): what screens of
/// many features use, since the exact P of 49 and 49 values takes 10 ms. O(n log n).
[[nodiscard]] NamedTest mann_whitney_normal(std::span<const double> a, std::span<const double> b);

/// Kruskal–Wallis rank sum test of two or more groups, with tie correction, as R's kruskal.test.
[[nodiscard]] NamedTest kruskal_wallis(const std::vector<std::vector<double>>& groups);

/// A table of counts, counts[row][column].
using Counts = std::vector<std::vector<double>>;

/// Pearson's chi-square of a table; Yates' correction in 2×2, as R's chisq.test. Empty rows and columns are left out.
[[nodiscard]] NamedTest chi_square(const Counts& counts);
/// Smallest expected count of a table under independence.
[[nodiscard]] double smallest_expected(const Counts& counts);

/// The table without its empty rows and columns.
[[nodiscard]] Counts without_empty(const Counts& counts);

/// Fisher's exact test of an r×c table of whole numbers: probability of all tables with the same margins that are no
/// more likely (within a factor 1 + 1e-7). Nothing where the network of tables takes more than `most_steps` (about two
/// seconds). Source: Freeman & Halton 1951; network algorithm of Mehta & Patel 1983; as R's fisher.test.
[[nodiscard]] std::optional<NamedTest> fisher_exact(const Counts& counts, std::size_t most_steps = 15'000'000);

/// The same P from random tables with the same margins, (1 + those no more likely) / (1 + draws); the name says so.
/// Source: Hope 1968, as R's fisher.test(simulate.p.value = TRUE). Deterministic for a seed.
[[nodiscard]] NamedTest fisher_simulated(const Counts& counts, std::size_t draws = 100'000, std::uint64_t seed = 1);

/// Whether rows and columns of a table of whole numbers have to do with one another: chi-square where every expected
/// count is 5 or more, else Fisher's exact test, simulated where that takes too long.
[[nodiscard]] NamedTest independence_test(const Counts& counts);

}  // namespace gliocast::stats
