// Fisher's exact test of r×c tables against R's fisher.test (tests/reference/stats), and its simulated form against the
// exact.
#include "test_paths.hpp"

#include <gliocast/core/files.hpp>
#include <gliocast/core/json.hpp>
#include <gliocast/stats/group_tests.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

using namespace gliocast;
using namespace gliocast::stats;

TEST(FisherOracle, RandomTablesAsR) {
  const Json reference = read_json(GLIOCAST_SOURCE_DIR "/tests/reference/stats/expected_fisher.json");
  double worst = 0;
  std::size_t n = 0;
  for (const auto& c : reference["cases"]) {
    const auto table = c["table"].get<Counts>();
    const auto result = fisher_exact(table);
    ASSERT_TRUE(result.has_value()) << c.dump();
    EXPECT_EQ(result->name, "Fisher");
    const double expected = c["p"].get<double>(), difference = std::abs(result->p / expected - 1);
    EXPECT_LT(difference, 1e-7) << c.dump();
    worst = std::max(worst, difference);
    ++n;
  }
  EXPECT_GT(n, 250u);
  std::printf("VALIDATION stats | Fisher's exact test, 2x2 to 20x2 and 6x6 | R 4.2 (fisher.test) | %zu | %.1g\n", n,
              worst);
}

TEST(FisherOracle, SidesDoNotMatter) {
  const Counts table{{3, 0, 5, 1}, {2, 7, 1, 1}, {4, 4, 0, 6}}, turned{{3, 2, 4}, {0, 7, 4}, {5, 1, 0}, {1, 1, 6}};
  EXPECT_NEAR(fisher_exact(table)->p, fisher_exact(turned)->p, 1e-14);
  // Empty rows and columns say nothing.
  EXPECT_NEAR(fisher_exact({{3, 0, 0, 5}, {0, 0, 0, 0}, {2, 0, 7, 1}})->p, fisher_exact({{3, 0, 5}, {2, 7, 1}})->p,
              1e-14);
  EXPECT_TRUE(std::isnan(fisher_exact({{3, 4}, {0, 0}})->p));
}

TEST(FisherOracle, TooLargeIsNoAnswer) {
  EXPECT_FALSE(fisher_exact(Counts(9, std::vector<double>(9, 8))).has_value());
  Counts wide(60, std::vector<double>(50, 1));  // more tables than 64 bits count
  EXPECT_FALSE(fisher_exact(wide).has_value());
}

TEST(FisherOracle, SimulatedIsNearTheExact) {
  for (const Counts& table : {Counts{{3, 0, 5, 1}, {2, 7, 1, 1}, {4, 4, 0, 6}}, Counts{{8, 1}, {2, 9}},
                              Counts{{20, 3, 1}, {2, 30, 4}, {1, 2, 300}}, Counts{{1, 2, 0, 1}, {1, 0, 3, 4}}}) {
    const double exact = fisher_exact(table)->p;
    const auto simulated = fisher_simulated(table, 100'000, 7);
    EXPECT_EQ(simulated.name, "Fisher (simulated, 100000 draws)");
    EXPECT_NEAR(simulated.p, exact, 4.5 * std::sqrt(exact * (1 - exact) / 1e5) + 1.1e-5);
    EXPECT_EQ(simulated.p, fisher_simulated(table, 100'000, 7).p);
    EXPECT_GE(simulated.p, 1 / 100'001.0);  // never 0
  }
}
