#pragma once
#include <vector>

namespace gliocast::stats {

/// Area under the ROC curve: probability that a positive scores higher than a negative, ties count half (Mann–Whitney).
/// NaN with one class only. `truth`: 1 positive, 0 negative; as many as `scores`. O(n log n).
[[nodiscard]] double auc(const std::vector<double>& scores, const std::vector<int>& truth);

/// One point of the curve: predict positive where score >= threshold.
struct RocPoint {
  double threshold = 0, sensitivity = 0, specificity = 0;
};
/// The curve from (0, 0) to (1, 1), a point a distinct score, thresholds descending from infinity.
[[nodiscard]] std::vector<RocPoint> roc_curve(const std::vector<double>& scores, const std::vector<int>& truth);

/// AUC with DeLong's variance. Interval by the normal distribution, cut to [0, 1].
struct AucEstimate {
  double auc = 0, se = 0, lower = 0, upper = 0;
};
/// Two scores of the same subjects.
struct AucComparison {
  AucEstimate first, second;
  double difference = 0, se = 0, z = 0, p = 0;  ///< first − second; NaN z and p where the variance is 0
  double lower = 0, upper = 0;
};

/// Source: DeLong, DeLong & Clarke-Pearson 1988, by the ranks of Sun & Xu 2014; as pROC's ci.auc and roc.test. O(n log
/// n). NaN with fewer than two subjects of a class.
[[nodiscard]] AucEstimate auc_delong(const std::vector<double>& scores, const std::vector<int>& truth,
                                     double level = 0.95);
[[nodiscard]] AucComparison compare_auc(const std::vector<double>& first, const std::vector<double>& second,
                                        const std::vector<int>& truth, double level = 0.95);

}  // namespace gliocast::stats
