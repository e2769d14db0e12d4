// The generators against published values, and the distributions against their moments.
#include <gliocast/core/random.hpp>

#include <gtest/gtest.h>

#include <cmath>

using gliocast::Random;

TEST(RandomOracle, SplitMix64KnownSequence) {
  // First outputs of SplitMix64 seeded with 1234567 (Vigna's splitmix64.c, as quoted in Rosetta Code).
  EXPECT_EQ(gliocast::mix64(1234567), 6457827717110365317ULL);
  EXPECT_EQ(gliocast::mix64(1234567 + 0x9E3779B97F4A7C15ULL), 3203168211198807973ULL);
}

TEST(RandomOracle, Xoshiro256StarStarKnownSequence) {
  // State 1, 2, 3, 4: first outputs by the reference formula rotl(s1·5, 7)·9: 11520, then 0, 1509978240.
  Random r(0);
  r.set_state({1, 2, 3, 4});
  EXPECT_EQ(r(), 11520U);
  EXPECT_EQ(r(), 0U);
  EXPECT_EQ(r(), 1509978240U);
}

TEST(RandomOracle, MomentsAreRight) {
  Random r(42);
  double sum = 0, square = 0, fourth = 0, exponential = 0;
  constexpr int n = 200000;
  for (int i = 0; i < n; ++i) {
    const double x = r.normal();
    sum += x;
    square += x * x;
    fourth += x * x * x * x;
    exponential += r.exponential();
  }
  EXPECT_NEAR(sum / n, 0, 0.01);
  EXPECT_NEAR(square / n, 1, 0.015);
  EXPECT_NEAR(fourth / n, 3, 0.1);
  EXPECT_NEAR(exponential / n, 1, 0.01);
}

TEST(RandomOracle, StreamsAreIndependentOfEachOther) {
  Random a(1, "noise", 3), b(1, "noise", 3), c(1, "noise", 4), d(1, "shape", 3), e(2, "noise", 3);
  EXPECT_EQ(a(), b());
  const auto x = b();
  EXPECT_NE(x, c());
  EXPECT_NE(x, d());
  EXPECT_NE(x, e());
}

TEST(RandomOracle, BelowIsUnbiasedAndInRange) {
  Random r(7);
  std::array<int, 6> n{};
  for (int i = 0; i < 60000; ++i) ++n[r.below(6)];
  for (const int k : n) EXPECT_NEAR(k, 10000, 400);
}
