// Draws are seeded, the same for every number of threads, and stop when asked to.
#include <gliocast/core/error.hpp>
#include <gliocast/core/interrupt.hpp>
#include <gliocast/stats/resampling.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <numeric>
#include <random>
#include <set>

using namespace gliocast;
using namespace gliocast::stats;

TEST(Folds, AreStratifiedAndIndependentOfOrder) {
  std::vector<std::string> ids;
  std::vector<int> strata;
  for (int i = 0; i < 28; ++i) {
    ids.push_back("p" + std::to_string(100 + i));
    strata.push_back(i < 8 ? 0 : i < 24 ? 1 : -1);
  }
  const auto fold = assign_folds(ids, strata, 4, 1);
  for (std::size_t f = 0; f < 4; ++f) {
    EXPECT_EQ(std::ranges::count(fold, f), 7);
    std::size_t low = 0;
    for (std::size_t i = 0; i < 8; ++i) low += fold[i] == f;
    EXPECT_EQ(low, 2U);
  }
  auto reversed_ids = ids;
  auto reversed_strata = strata;
  std::ranges::reverse(reversed_ids);
  std::ranges::reverse(reversed_strata);
  auto again = assign_folds(reversed_ids, reversed_strata, 4, 1);
  std::ranges::reverse(again);
  EXPECT_EQ(fold, again);
  EXPECT_NE(fold, assign_folds(ids, strata, 4, 2));
  EXPECT_THROW((void)assign_folds(ids, strata, 1, 1), Error);
  EXPECT_THROW((void)assign_folds(ids, strata, 29, 1), Error);
}

TEST(Resampling, TheSameForEveryNumberOfThreads) {
  const auto sums = [](std::size_t threads) {
    const auto statistic = [](const Rows& rows) -> DrawResult<double> {
      double sum = 0;
      for (const auto r : rows) sum += std::sqrt(static_cast<double>(r) + 0.5);
      return sum;
    };
    return resample<double>({.draws = 333, .seed = 9, .threads = threads}, bootstrap_rows(50, 9), statistic).values;
  };
  const auto one = sums(1);
  EXPECT_EQ(one.size(), 333U);
  EXPECT_EQ(one, sums(2));
  EXPECT_EQ(one, sums(3));
  EXPECT_GT(std::set<double>(one.begin(), one.end()).size(), 300U);
}

TEST(Resampling, RowsAreTheGeneratorsRemainders) {
  std::mt19937_64 random(4);  // as reclassify and validate have drawn from the start
  const auto sampler = bootstrap_rows(7, 4);
  for (int draw = 0; draw < 3; ++draw)
    for (const auto r : sampler()) EXPECT_EQ(r, random() % 7);
}

TEST(Resampling, ClustersStayTogether) {
  const std::vector<int> cluster{0, 1, 0, 2, 1, 1};
  const auto units = rows_of_clusters(cluster);
  EXPECT_EQ(units, (std::vector<Rows>{{0, 2}, {1, 4, 5}, {3}}));
  const auto sampler = bootstrap_units(units, 1);
  for (int draw = 0; draw < 50; ++draw) {
    const Rows rows = sampler();
    std::size_t drawn = 0;
    for (std::size_t i = 0; i < rows.size(); ++drawn) {
      const auto& unit = units[static_cast<std::size_t>(cluster[rows[i]])];
      ASSERT_LE(i + unit.size(), rows.size());
      EXPECT_TRUE(std::equal(unit.begin(), unit.end(), rows.begin() + static_cast<std::ptrdiff_t>(i)));
      i += unit.size();
    }
    EXPECT_EQ(drawn, units.size());
  }
}

TEST(Resampling, ClustersOfAPartOfATableHaveRows) {
  // Patients 0, 1 and 4 are in another part: no draw may be short of rows for it.
  const auto units = rows_of_clusters({3, 2, 3, 5});
  EXPECT_EQ(units, (std::vector<Rows>{{1}, {0, 2}, {3}}));
}

TEST(Resampling, StrataKeepTheirSizes) {
  const std::vector<int> strata{1, 0, 1, 1, 0, 1};
  const auto sampler = bootstrap_strata(strata, 2);
  for (int draw = 0; draw < 20; ++draw) {
    const Rows rows = sampler();
    EXPECT_EQ(std::ranges::count_if(rows, [&](std::size_t r) { return strata[r] == 0; }), 2);
    EXPECT_EQ(rows.size(), strata.size());
  }
}

TEST(Resampling, PermutationsHoldEveryRowOnce) {
  const auto sampler = permutations(9, 3);
  std::set<Rows> different;
  for (int draw = 0; draw < 20; ++draw) {
    Rows rows = sampler();
    different.insert(rows);
    std::ranges::sort(rows);
    for (std::size_t i = 0; i < rows.size(); ++i) EXPECT_EQ(rows[i], i);
  }
  EXPECT_EQ(different.size(), 20U);
}

TEST(Resampling, FailuresAreCountedByReason) {
  std::size_t next = 0;
  const Sampler numbered = [&] { return Rows{next++}; };
  const auto statistic = [](const Rows& rows) -> DrawResult<std::size_t> {
    if (rows[0] % 5 == 0) return FailedDraw{"no event"};
    if (rows[0] % 7 == 0) return FailedDraw{"not converged"};
    return rows[0];
  };
  const auto result = resample<std::size_t>({.draws = 100, .threads = 2}, numbered, statistic);
  // Of 0 … 99, 20 are divisible by 5; of the 15 divisible by 7, three (0, 35, 70) are by 5 also.
  EXPECT_EQ(result.failed, (std::map<std::string, std::size_t>{{"no event", 20}, {"not converged", 12}}));
  EXPECT_EQ(result.values.size(), 68U);
  EXPECT_TRUE(std::ranges::is_sorted(result.values));
  EXPECT_EQ(count_failures(result.failed), 32U);
  EXPECT_EQ(describe_failures(result.failed), "20 (no event), 12 (not converged)");
  EXPECT_EQ(describe_failures({}), "");
}

TEST(Resampling, TheFirstFailureIsThrownAgain) {
  std::size_t next = 0;
  const Sampler numbered = [&] { return Rows{next++}; };
  for (const std::size_t threads : {std::size_t{1}, std::size_t{3}}) {
    next = 0;
    try {
      for_each_draw({.draws = 50, .threads = threads}, numbered, [](std::size_t draw, const Rows&) {
        if (draw >= 7) throw unusable_input("draw " + std::to_string(draw));
      });
      FAIL();
    } catch (const Error& e) {
      EXPECT_EQ(e.problem(), "draw 7");
    }
  }
}

TEST(Resampling, PercentilesOfTheDraws) {
  // R: x <- c(4, 1, 3, 2); quantile(x, c(.1, .9)) is 1.3, 3.7; sd(x) 1.290994.
  const Estimate e = percentile_estimate(2.2, {4, 1, NAN, 3, 2}, 0.8);
  EXPECT_EQ(e.value, 2.2);
  EXPECT_NEAR(e.se, 1.2909944487, 1e-9);
  EXPECT_NEAR(e.low, 1.3, 1e-14);
  EXPECT_NEAR(e.high, 3.7, 1e-14);
  EXPECT_TRUE(std::isnan(percentile_estimate(1, {5}, 0.95).se));
}

TEST(Resampling, PermutationPByHand) {
  // Of two rows half of the permutations are the identity; none is as good: P = 1 / (1 + 99).
  const ResamplingOptions options{.draws = 99};
  EXPECT_DOUBLE_EQ(permutation_p(2, options, [](const Rows&) { return false; }), 0.01);
  EXPECT_DOUBLE_EQ(permutation_p(2, options, [](const Rows&) { return true; }), 1);
  EXPECT_NEAR(permutation_p(2, options, [](const Rows& rows) { return rows[0] == 0; }), 0.5, 0.15);
}

// An interrupt cannot be taken back: it is asked for in a process of its own.
TEST(ResamplingDeathTest, AnInterruptEndsItWithinADraw) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto interrupted = [] {
    std::atomic<int> done{0};
    try {
      for_each_draw({.draws = 100000, .threads = 2}, bootstrap_rows(10, 1), [&](std::size_t, const Rows&) {
        if (++done == 10) request_interrupt();
      });
    } catch (const Error& e) {
      std::exit(e.code() == ExitCode::Interrupted && done < 64 ? 0 : 1);
    }
    std::exit(2);
  };
  EXPECT_EXIT(interrupted(), testing::ExitedWithCode(0), "");
}
