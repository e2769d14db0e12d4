#include <gliocast/survival/reclassification.hpp>

#include "case_control.hpp"

#include <algorithm>
#include <cmath>

namespace gliocast::survival {
namespace {

constexpr double kSameRisk = 1e-12;  // models that agree differ by rounding

/// What is left of moves that cancel is rounding.
constexpr double kCancelled = 1e-14;
double without_rounding(double mean) { return std::abs(mean) < kCancelled ? 0 : mean; }

/// Weighted mean of a quantity over the cases, with influences.
InfluenceEstimate case_mean(const SurvivalSample& sample, const CensoringCurve& censoring, const CaseControlWeights& w,
                            const std::vector<double>& quantity, double level) {
  double mean = 0;
  for (std::size_t i = 0; i < quantity.size(); ++i) mean += w.rows[i].as_case / w.all_cases * quantity[i];
  std::vector<double> influence(quantity.size()), share_of_step(censoring.steps(), 0.0);
  for (std::size_t i = 0; i < quantity.size(); ++i) {
    influence[i] = w.rows[i].as_case / w.all_cases * (quantity[i] - mean);
    const std::size_t held = censoring.steps_before(sample.time[i]);
    if (w.rows[i].as_case > 0 && held > 0) share_of_step[held - 1] += influence[i];
  }
  censoring.add_influence(sample, share_of_step, influence);
  return influence_estimate(without_rounding(mean), std::move(influence), level);
}

/// The same over the controls, whose common weight by censoring cancels.
InfluenceEstimate control_mean(const CaseControlWeights& w, const std::vector<double>& quantity, double level) {
  double mean = 0;
  for (std::size_t i = 0; i < quantity.size(); ++i) mean += w.rows[i].as_control / w.all_controls * quantity[i];
  std::vector<double> influence(quantity.size());
  for (std::size_t i = 0; i < quantity.size(); ++i)
    influence[i] = w.rows[i].as_control / w.all_controls * (quantity[i] - mean);
  return influence_estimate(without_rounding(mean), std::move(influence), level);
}

NetReclassification net(const SurvivalSample& sample, const CensoringCurve& censoring, const CaseControlWeights& w,
                        std::vector<double> moves, double level) {
  NetReclassification result;
  result.events = case_mean(sample, censoring, w, moves, level);
  for (double& m : moves) m = -m;
  result.non_events = control_mean(w, moves, level);
  auto influence = result.events.influence;
  for (std::size_t i = 0; i < influence.size(); ++i) influence[i] += result.non_events.influence[i];
  result.total = influence_estimate(result.events.value + result.non_events.value, std::move(influence), level);
  return result;
}

int sign(double v) { return (v > kSameRisk) - (v < -kSameRisk); }

}  // namespace

Reclassification reclassify(const SurvivalSample& sample, const CensoringCurve& censoring,
                            const std::vector<double>& first, const std::vector<double>& second, double time,
                            const std::vector<double>& cuts, double level) {
  const auto w = case_control_weights(sample, censoring, time);
  const InfluenceEstimate none = unknown_influence(0, level);
  Reclassification result{none, {none, none, none}, {none, none, none}, w.cases, w.controls};
  if (w.cases == 0 || w.controls == 0) return result;
  std::vector<double> change, moves, category_moves;
  const auto category = [&](double risk) {
    return static_cast<double>(std::ranges::upper_bound(cuts, risk) - cuts.begin());
  };
  for (std::size_t i = 0; i < first.size(); ++i) {
    change.push_back(first[i] - second[i]);
    moves.push_back(sign(change.back()));
    category_moves.push_back(sign(category(first[i]) - category(second[i])));
  }
  result.idi = difference(case_mean(sample, censoring, w, change, level), control_mean(w, change, level), level);
  result.continuous = net(sample, censoring, w, std::move(moves), level);
  if (!cuts.empty()) result.categories = net(sample, censoring, w, std::move(category_moves), level);
  return result;
}

}  // namespace gliocast::survival
