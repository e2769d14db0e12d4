#pragma once
#include <gliocast/stats/group_tests.hpp>

#include <span>
#include <vector>

namespace gliocast::stats {

// Tests of two or more samples of numbers (no NaN). P is NaN where there are too few values or nothing varies; it is 0
// where samples do not vary within but differ.

/// Student's t of two samples with one variance, two-sided; at least one value each, three in all. Statistic: t of the
/// first less the second. Source: Student 1908, as R's t.test(a, b, var.equal = TRUE).
[[nodiscard]] NamedTest student_t(std::span<const double> a, std::span<const double> b);
/// Welch's t of two samples of at least two values each, two-sided. Source: Welch 1947 with Satterthwaite's degrees of
/// freedom, as R's t.test(a, b).
[[nodiscard]] NamedTest welch_t(std::span<const double> a, std::span<const double> b);

/// What deviations are taken from: the mean (Levene 1960) or the median (Brown & Forsythe 1974: for skewed values).
enum class LeveneCentre { Mean, Median };

/// Levene's test of equal variances: analysis of variance of |value − centre of its group|. `df`: the groups' (k − 1).
/// Groups without values are left out; NaN with fewer than two, or no more values than groups. As R's
/// car::leveneTest(center = ).
[[nodiscard]] NamedTest levene(const std::vector<std::span<const double>>& groups,
                               LeveneCentre centre = LeveneCentre::Mean);

}  // namespace gliocast::stats
