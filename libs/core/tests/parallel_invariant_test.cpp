// Results do not depend on the number of threads; errors come out.
#include <gliocast/core/error.hpp>
#include <gliocast/core/parallel.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <vector>

using namespace gliocast;

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
