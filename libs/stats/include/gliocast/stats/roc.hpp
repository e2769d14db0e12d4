#pragma once
#include <gliocast/stats/estimate.hpp>

#include <cstddef>
#include <vector>

namespace gliocast::stats {

/// Area under the ROC curve: probability that a positive scores higher than a negative, ties count half (Mann–Whitney).
/// NaN with one class only. `truth`: 1 positive, 0 negative; as many as `scores`. O(n log n).
[[nodiscard]] double auc(const std::vector<double>& scores, const std::vector<int>& truth);
/// The same over the pairs of one group each: groups that were scored by different models, or differ in their share of
/// positives, are not compared with one another. `group`: of each score. NaN where no group has both classes. Source:
/// Parker, Günter & Bedo 2007.
[[nodiscard]] double auc_within(const std::vector<double>& scores, const std::vector<int>& truth,
                                const std::vector<std::size_t>& group);

/// One point of the curve: predict positive where score >= threshold.
struct RocPoint {
  double threshold = 0, sensitivity = 0, specificity = 0;
};
/// The curve from (0, 0) to (1, 1), a point a distinct score, thresholds descending from infinity.
[[nodiscard]] std::vector<RocPoint> roc_curve(const std::vector<double>& scores, const std::vector<int>& truth);

/// AUC with DeLong's variance and the normal interval, cut to [0, 1]. Without standard error and limits (NaN) with
/// fewer than two subjects of a class. O(n log n). Source: DeLong, DeLong & Clarke-Pearson 1988, by the ranks of Sun &
/// Xu 2014; as pROC's ci.auc.
[[nodiscard]] Estimate auc_delong(const std::vector<double>& scores, const std::vector<int>& truth,
                                  double level = 0.95);
/// AUC of the first score less that of the second, of the same subjects; as pROC's roc.test(paired = TRUE). No test
/// where the variance is 0.
[[nodiscard]] Comparison compare_auc(const std::vector<double>& first, const std::vector<double>& second,
                                     const std::vector<int>& truth, double level = 0.95);

}  // namespace gliocast::stats
