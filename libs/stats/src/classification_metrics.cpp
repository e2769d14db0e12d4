#include <gliocast/stats/classification_metrics.hpp>

#include "check_scores.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace gliocast::stats {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kClosest = std::numeric_limits<double>::epsilon();  // of a probability to 0 and 1 in a logarithm

double ratio(std::size_t part, std::size_t whole) {
  return whole == 0 ? kNaN : static_cast<double>(part) / static_cast<double>(whole);
}

}  // namespace

double Confusion::accuracy() const {
  return ratio(true_positive + true_negative, true_positive + true_negative + false_positive + false_negative);
}
double Confusion::sensitivity() const { return ratio(true_positive, true_positive + false_negative); }
double Confusion::specificity() const { return ratio(true_negative, true_negative + false_positive); }
double Confusion::ppv() const { return ratio(true_positive, true_positive + false_positive); }
double Confusion::npv() const { return ratio(true_negative, true_negative + false_negative); }
double Confusion::f1() const { return ratio(2 * true_positive, 2 * true_positive + false_positive + false_negative); }
double Confusion::balanced_accuracy() const { return (sensitivity() + specificity()) / 2; }

double Confusion::mcc() const {
  const auto tp = static_cast<double>(true_positive), fp = static_cast<double>(false_positive),
             tn = static_cast<double>(true_negative), fn = static_cast<double>(false_negative);
  const double margins = std::sqrt(tp + fp) * std::sqrt(tp + fn) * std::sqrt(tn + fp) * std::sqrt(tn + fn);
  return margins == 0 ? 0 : (tp * tn - fp * fn) / margins;
}

Confusion confusion_at(const std::vector<double>& scores, const std::vector<int>& truth, double threshold) {
  check_scores(scores, truth);
  Confusion c;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    const bool predicted = scores[i] >= threshold;
    if (truth[i] == 1)
      ++(predicted ? c.true_positive : c.false_negative);
    else
      ++(predicted ? c.false_positive : c.true_negative);
  }
  return c;
}

double brier_score(const std::vector<double>& probability, const std::vector<int>& truth) {
  check_scores(probability, truth);
  double sum = 0;
  for (std::size_t i = 0; i < truth.size(); ++i) sum += (probability[i] - truth[i]) * (probability[i] - truth[i]);
  return sum / static_cast<double>(truth.size());
}

double scaled_brier_score(const std::vector<double>& probability, const std::vector<int>& truth) {
  const double share = static_cast<double>(std::ranges::count(truth, 1)) / static_cast<double>(truth.size());
  const double without_model = share * (1 - share);
  return without_model > 0 ? 1 - brier_score(probability, truth) / without_model : kNaN;
}

double log_loss(const std::vector<double>& probability, const std::vector<int>& truth) {
  check_scores(probability, truth);
  double sum = 0;
  for (std::size_t i = 0; i < truth.size(); ++i) {
    const double p = std::clamp(probability[i], kClosest, 1 - kClosest);
    sum -= truth[i] == 1 ? std::log(p) : std::log1p(-p);
  }
  return sum / static_cast<double>(truth.size());
}

std::vector<PrecisionRecallPoint> precision_recall_curve(const std::vector<double>& scores,
                                                         const std::vector<int>& truth) {
  check_scores(scores, truth);
  const auto positives = static_cast<std::size_t>(std::ranges::count(truth, 1));
  std::vector<PrecisionRecallPoint> curve;
  if (positives == 0) return curve;
  std::vector<std::size_t> order(scores.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, std::ranges::greater{}, [&](std::size_t i) { return scores[i]; });
  std::size_t found = 0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    found += truth[order[i]] == 1 ? 1 : 0;
    const double score = scores[order[i]];
    if (i + 1 == order.size() || scores[order[i + 1]] != score)
      curve.push_back({score, ratio(found, i + 1), ratio(found, positives)});
  }
  return curve;
}

double average_precision(const std::vector<double>& scores, const std::vector<int>& truth) {
  const auto curve = precision_recall_curve(scores, truth);
  if (curve.empty()) return kNaN;
  double sum = 0, before = 0;
  for (const auto& point : curve) {
    sum += (point.recall - before) * point.precision;
    before = point.recall;
  }
  return sum;
}

}  // namespace gliocast::stats
