// Windows cover every voxel, stay inside, and do not depend on luck.
#include <gliocast/nn/sliding_window.hpp>

#include <gtest/gtest.h>

#include <algorithm>

using namespace gliocast::nn;

TEST(SlidingWindowInvariant, EveryVoxelIsCovered) {
  for (const std::int64_t n : {5, 16, 17, 31, 32, 33, 100}) {
    const SlidingWindowOptions o{{16, 16, 16}, 0.5};
    const auto starts = window_starts({n, 16, 16}, o);
    std::vector<int> hits(static_cast<std::size_t>(n), 0);
    for (const auto& s : starts) {
      EXPECT_GE(s[0], 0);
      if (n >= 16) {
        EXPECT_LE(s[0] + 16, n);
      }
      for (std::int64_t i = s[0]; i < std::min(n, s[0] + 16); ++i) ++hits[static_cast<std::size_t>(i)];
    }
    EXPECT_TRUE(std::ranges::all_of(hits, [](int h) { return h > 0; })) << n;
  }
}

TEST(SlidingWindowInvariant, OverlapIsAtLeastWhatWasAsked) {
  const auto starts = window_starts({100, 16, 16}, {{16, 16, 16}, 0.5});
  for (std::size_t i = 1; i < starts.size(); ++i) EXPECT_LE(starts[i][0] - starts[i - 1][0], 8);
}

TEST(SlidingWindowInvariant, WeightsAreSymmetricAndPeakInTheMiddle) {
  const auto w = gaussian_weights({8, 8, 8});
  EXPECT_EQ(w.front(), w.back());
  EXPECT_EQ(*std::ranges::max_element(w), w[3 + 8 * (3 + 8 * 3)]);
  EXPECT_GE(*std::ranges::min_element(w), 1e-3F);
}
