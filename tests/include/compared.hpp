#pragma once
#include <gliocast/core/json.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <string>
#include <vector>

namespace gliocast::test_support {

/// Values beside those of an outside reference: each must be within the tolerance; how many there were and the largest
/// difference become a row of VALIDATION.md.
class Compared {
 public:
  explicit Compared(double tolerance) : tolerance_(tolerance) {}

  /// `wanted`: null or R's "NA" for NaN.
  void add(double value, const Json& wanted, const std::string& what) {
    ++count_;
    if (wanted.is_null() || wanted == "NA") {
      EXPECT_TRUE(std::isnan(value)) << what;
      return;
    }
    EXPECT_NEAR(value, wanted.get<double>(), tolerance_) << what;
    worst_ = std::max(worst_, std::abs(value - wanted.get<double>()));
  }
  void add_all(const std::vector<double>& values, const Json& wanted, const std::string& what) {
    ASSERT_EQ(values.size(), wanted.size()) << what;
    for (std::size_t i = 0; i < values.size(); ++i) add(values[i], wanted[i], what);
  }
  void print(const char* module, const char* what, const char* reference) const {
    EXPECT_GT(count_, 0U);
    std::printf("VALIDATION %s | %s | %s | %zu | %.1g\n", module, what, reference, count_, worst_);
  }

 private:
  double tolerance_, worst_ = 0;
  std::size_t count_ = 0;
};

}  // namespace gliocast::test_support
