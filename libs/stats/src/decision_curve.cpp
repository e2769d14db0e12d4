#include <gliocast/stats/decision_curve.hpp>

#include "check_scores.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/stats/classification_metrics.hpp>

namespace gliocast::stats {

DecisionCurve decision_curve(const std::vector<double>& probability, const std::vector<int>& truth,
                             const std::vector<double>& thresholds) {
  check_scores(probability, truth);
  const auto n = static_cast<double>(truth.size());
  DecisionCurve curve;
  for (const double p : thresholds) {
    if (!(p > 0 && p < 1)) throw unusable_input("thresholds of a decision curve lie between 0 and 1");
    const double odds = p / (1 - p);
    const Confusion c = confusion_at(probability, truth, p);
    const auto positives = static_cast<double>(c.true_positive + c.false_negative);
    curve.threshold.push_back(p);
    curve.model.push_back(static_cast<double>(c.true_positive) / n - static_cast<double>(c.false_positive) / n * odds);
    curve.all.push_back(positives / n - (n - positives) / n * odds);
  }
  return curve;
}

}  // namespace gliocast::stats
