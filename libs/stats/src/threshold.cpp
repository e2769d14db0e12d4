#include <gliocast/stats/threshold.hpp>

#include "check_scores.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/stats/roc.hpp>

#include <cmath>

namespace gliocast::stats {
namespace {

constexpr double kRounding = 1e-12;  // of shares that are equal but for their last bits

std::size_t chosen(const ThresholdRule& rule, const std::vector<RocPoint>& curve) {
  std::size_t best = 1;  // point 0 predicts nobody positive
  for (std::size_t i = 1; i < curve.size(); ++i) {
    if (rule.kind == ThresholdRule::Kind::Sensitivity && curve[i].sensitivity >= rule.value - kRounding) return i;
    const double youden = curve[i].sensitivity + curve[i].specificity;
    if (youden > curve[best].sensitivity + curve[best].specificity + kRounding) best = i;
  }
  return best;
}

}  // namespace

double choose_threshold(const ThresholdRule& rule, const std::vector<double>& scores, const std::vector<int>& truth) {
  if (rule.kind == ThresholdRule::Kind::Value) return rule.value;
  check_scores(scores, truth);
  if (std::isnan(auc(scores, truth))) throw unusable_input("a threshold is chosen from rows of both classes");
  if (rule.kind == ThresholdRule::Kind::Sensitivity && !(rule.value > 0 && rule.value <= 1))
    throw unusable_input("the sensitivity of a threshold must be above 0 and at most 1");
  const auto curve = roc_curve(scores, truth);
  const std::size_t i = chosen(rule, curve);
  return i + 1 < curve.size() ? (curve[i].threshold + curve[i + 1].threshold) / 2 : curve[i].threshold;
}

}  // namespace gliocast::stats
