// Nogueira's index by hand, at its special cases, and against its formulas in Python (tests/reference/learn/
// classifiers.py).
#include "test_paths.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/files.hpp>
#include <gliocast/core/random.hpp>
#include <gliocast/learn/selection_stability.hpp>

#include <gtest/gtest.h>
#include <compared.hpp>

#include <cmath>

using namespace gliocast;
using namespace gliocast::learn;

TEST(SelectionStabilityOracle, ByHand) {
  // {0, 1}, {0, 2} of 4: p = 1, 1/2, 1/2, 0; unbiased variances 0, 1/2, 1/2, 0, mean 1/4; k/d (1 − k/d) = 1/4: 0.
  const auto s = selection_stability({{0, 1}, {0, 2}}, 4);
  EXPECT_EQ(s.frequency, (std::vector<double>{1, 0.5, 0.5, 0}));
  EXPECT_EQ(s.mean_size, 2);
  EXPECT_NEAR(s.index.value, 0, 1e-15);
  // {0}, {0}, {1} of 3: p = 2/3, 1/3, 0; variances 1/3, 1/3, 0, mean 2/9; 1/3 · 2/3 = 2/9: 0.
  EXPECT_NEAR(selection_stability({{0}, {0}, {1}}, 3).index.value, 0, 1e-15);
  // Of 10 instead of 3: 1 − (2/30) / (9/100) = 7/27.
  EXPECT_NEAR(selection_stability({{0}, {0}, {1}}, 10).index.value, 7.0 / 27, 1e-15);
}

TEST(SelectionStabilityOracle, SpecialCases) {
  const auto same = selection_stability({{3, 1}, {1, 3}, {3, 1}}, 9);
  EXPECT_NEAR(same.index.value, 1, 1e-15);
  EXPECT_NEAR(same.index.se, 0, 1e-15);
  EXPECT_TRUE(std::isnan(selection_stability({{0, 1}, {0, 1}}, 2).index.value));
  EXPECT_TRUE(std::isnan(selection_stability({{}, {}}, 2).index.value));
  EXPECT_TRUE(std::isnan(selection_stability({{1}}, 2).index.value));
  EXPECT_TRUE(selection_stability({}, 0).frequency.empty());
  EXPECT_THROW((void)selection_stability({{2}}, 2), Error);
  // Random selections: 0 but for chance, within the interval.
  Random random(1, "selections", 0);
  std::vector<std::vector<std::size_t>> selections(200);
  for (auto& s : selections)
    for (std::size_t f = 0; f < 50; ++f)
      if (random.chance(0.2)) s.push_back(f);
  const auto chance = selection_stability(selections, 50).index;
  EXPECT_NEAR(chance.value, 0, 0.02);
  EXPECT_LE(chance.low, 0);
  EXPECT_GE(chance.high, 0);
}

TEST(SelectionStabilityOracle, PublishedFormulas) {
  test_support::Compared compared(1e-12);
  const Json cases = read_json(GLIOCAST_SOURCE_DIR "/tests/reference/learn/classifiers.json").at("stability");
  for (const auto& c : cases) {
    const auto s = selection_stability(c.at("selections"), c.at("features").get<std::size_t>());
    compared.add(s.index.value, c.at("index"), "index");
    compared.add(s.index.se, c.at("se"), "standard error");
  }
  compared.print("learn", "Nogueira's stability of selections and its standard error", "its formulas in NumPy");
}
