#pragma once
#include <vector>

namespace gliocast::stats {

/// How a threshold is chosen from the ROC curve of rows that the classifier was not judged on.
struct ThresholdRule {
  enum class Kind { Youden, Value, Sensitivity };
  Kind kind = Kind::Youden;
  double value = 0;  ///< of Value: the threshold; of Sensitivity: its least, in (0, 1]
};

/// Predict positive where score >= threshold. Youden: the largest sensitivity + specificity, among equal ones the
/// highest; Sensitivity: the highest threshold that reaches it. Midway to the next lower score, as pROC's coords; the
/// lowest score where there is none. Throws Error{UnusableInput} with one class only (but of Value).
[[nodiscard]] double choose_threshold(const ThresholdRule& rule, const std::vector<double>& scores,
                                      const std::vector<int>& truth);

}  // namespace gliocast::stats
