#pragma once
#include <cstddef>
#include <vector>

namespace gliocast::stats {

// How good a classifier of two classes is. `truth`: 1 positive, 0 negative, one a score; `probability`: of the positive
// class, in [0, 1]. All throw Error{UnusableInput} where scores and truth are not as many or a score is NaN.

/// Rows by what was predicted (positive: score >= threshold) and what is true.
struct Confusion {
  std::size_t true_positive = 0, false_positive = 0, true_negative = 0, false_negative = 0;

  // NaN where nothing is there to be counted.
  [[nodiscard]] double accuracy() const;
  [[nodiscard]] double sensitivity() const;  ///< recall
  [[nodiscard]] double specificity() const;
  [[nodiscard]] double ppv() const;  ///< positive predictive value, precision
  [[nodiscard]] double npv() const;  ///< negative predictive value
  [[nodiscard]] double f1() const;   ///< harmonic mean of sensitivity and ppv
  [[nodiscard]] double balanced_accuracy() const;
  /// Matthews correlation coefficient, −1 to 1; 0 where all rows are of one class or predicted to be.
  [[nodiscard]] double mcc() const;
};
[[nodiscard]] Confusion confusion_at(const std::vector<double>& scores, const std::vector<int>& truth,
                                     double threshold);

/// Mean squared difference of probability and truth. Source: Brier 1950.
[[nodiscard]] double brier_score(const std::vector<double>& probability, const std::vector<int>& truth);
/// 1 − Brier score / that of predicting everybody the share of positives; NaN with one class only.
[[nodiscard]] double scaled_brier_score(const std::vector<double>& probability, const std::vector<int>& truth);
/// Mean −log of the probability of what is true; probabilities are kept 2.2e-16 from 0 and 1, as scikit-learn does.
[[nodiscard]] double log_loss(const std::vector<double>& probability, const std::vector<int>& truth);

/// One point of the curve: predict positive where score >= threshold. Precision is the ppv, recall the sensitivity.
struct PrecisionRecallPoint {
  double threshold = 0, precision = 0, recall = 0;
};
/// A point a distinct score, thresholds descending; the first is of the highest score. Empty without positives.
[[nodiscard]] std::vector<PrecisionRecallPoint> precision_recall_curve(const std::vector<double>& scores,
                                                                       const std::vector<int>& truth);
/// Σ (recall − that of the threshold before) · precision, as scikit-learn; NaN without positives.
[[nodiscard]] double average_precision(const std::vector<double>& scores, const std::vector<int>& truth);

}  // namespace gliocast::stats
