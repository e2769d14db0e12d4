#pragma once
// Where the real data lie that some tests need: ../shared from the repository. With CI=true its absence is a failure,
// elsewhere a skip.
#include "test_paths.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>

namespace gliocast::test_support {

inline std::filesystem::path shared_data() {
  return std::filesystem::path(GLIOCAST_SOURCE_DIR).parent_path() / "shared" / "data";
}

inline bool running_in_ci() {
  const char* ci = std::getenv("CI");
  return ci != nullptr && std::string(ci) == "true";
}

}  // namespace gliocast::test_support

/// First line of a test on real data.
#define GLIOCAST_NEEDS_SHARED(path)                                                                      \
  if (!std::filesystem::exists(gliocast::test_support::shared_data() / (path))) {                        \
    if (gliocast::test_support::running_in_ci()) FAIL() << "../shared/data/" << (path) << " is missing"; \
    GTEST_SKIP() << "../shared/data/" << (path) << " is not there";                                      \
  }
