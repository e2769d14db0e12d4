// Results do not depend on the number of threads; errors come out.
#include <gliocast/core/error.hpp>
#include <gliocast/core/parallel.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <vector>

using namespace gliocast;

TEST(ParallelInvariant, SumsAreBitIdentical) {
  std::vector<double> v(100001);
  for (std::size_t i = 0; i < v.size(); ++i) v[i] = std::sin(static_cast<double>(i)) * 1e3;
  const auto term = [&](std::size_t a, std::size_t b) {
    double s = 0;
    for (std::size_t i = a; i < b; ++i) s += v[i];
    return s;
  };
  const double one = parallel_sum(v.size(), 1000, 1, term);
  EXPECT_EQ(one, parallel_sum(v.size(), 1000, 2, term));
  EXPECT_EQ(one, parallel_sum(v.size(), 1000, 3, term));
}

TEST(ParallelInvariant, EveryIndexOnce) {
  for (const std::size_t threads : {1U, 2U, 5U}) {
    std::vector<std::atomic<int>> hits(1000);
    parallel_for(hits.size(), threads, [&](std::size_t i) { ++hits[i]; });
    for (const auto& h : hits) EXPECT_EQ(h, 1);
  }
  parallel_for(0, 2, [](std::size_t) { FAIL(); });
}

TEST(ParallelInvariant, TheErrorComesOut) {
  try {
    parallel_for(100, 3, [](std::size_t i) {
      if (i >= 10) throw Error(ExitCode::UnusableInput, "bad " + std::to_string(i));
    });
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), ExitCode::UnusableInput);
  }
}

TEST(ParallelInvariant, BlocksCoverEverything) {
  std::vector<int> hits(103, 0);
  parallel_blocks(hits.size(), 10, 3, [&](std::size_t a, std::size_t b) {
    for (std::size_t i = a; i < b; ++i) ++hits[i];
  });
  for (const int h : hits) EXPECT_EQ(h, 1);
}
