#pragma once
#include <gliocast/stats/estimate.hpp>
#include <gliocast/survival/sample.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace gliocast::survival {

/// Weighted events of a group, and those expected were the groups alike.
struct LogRankGroup {
  std::string label;
  std::size_t n = 0;
  double observed = 0, expected = 0;
};
/// Chi-square, its degrees of freedom and P, and what went into it.
struct LogRankTest : stats::TestResult {
  std::vector<LogRankGroup> groups;
  /// Of a trend over the groups in their order (scores 0, 1, 2 …), on one degree of freedom; unweighted it is the score
  /// test of coxph(ties = "exact") with the group's number.
  stats::TestResult trend;
};
/// Weights S(t−)^rho (1 − S(t−))^gamma of Fleming & Harrington; 0, 0 is the log-rank test, rho = 1 the Peto & Peto
/// modification of Wilcoxon's.
struct LogRankOptions {
  double rho = 0, gamma = 0;
  /// Subject of each row, from 0 (empty: each its own): the tests are then the robust score tests of coxph(cluster =,
  /// ties = "breslow"), whose numerator is the same. Only unweighted.
  std::vector<int> cluster{};
};
/// k groups (`group` from 0, −1 leaves a row out), stratified where `strata` is not empty. O(n log n). Throws
/// Error{UnusableInput} with fewer than two groups or no event, Error{WrongUse} of weights with clusters. Entry times
/// are honoured (R's survdiff refuses them): with rho = 0 and two groups it is the score test of coxph(ties = "exact").
/// Case weights are not used. Source: Mantel 1966; Harrington & Fleming 1982; as R survival's survdiff(rho =).
[[nodiscard]] LogRankTest log_rank(const SurvivalSample& sample, const std::vector<int>& group,
                                   const std::vector<std::string>& labels, const std::vector<int>& strata = {},
                                   const LogRankOptions& options = {});

}  // namespace gliocast::survival
