#include <gliocast/survival/decision_curve.hpp>

#include <gliocast/survival/kaplan_meier.hpp>

#include <limits>
#include <numeric>

namespace gliocast::survival {

DecisionCurve decision_curve(const SurvivalSample& sample, const std::vector<double>& predicted, double time,
                             const std::vector<double>& thresholds) {
  const auto survival_at = [&](const std::vector<std::size_t>& rows) {
    const auto curve = kaplan_meier(take(sample, rows));
    const SurvivalStep* step = curve.at(time);
    if (curve.steps.back().time < time && curve.steps.back().survival > 0)
      return std::numeric_limits<double>::quiet_NaN();
    return step ? step->survival : 1.0;
  };
  std::vector<std::size_t> everyone(predicted.size());
  std::iota(everyone.begin(), everyone.end(), 0);
  const double overall = survival_at(everyone), n = static_cast<double>(predicted.size());
  DecisionCurve result;
  for (const double p : thresholds) {
    std::vector<std::size_t> treated;
    for (const std::size_t i : everyone)
      if (1 - predicted[i] >= p) treated.push_back(i);
    const double odds = p / (1 - p), share = static_cast<double>(treated.size()) / n;
    const double s = treated.empty() ? 1 : survival_at(treated);
    result.threshold.push_back(p);
    result.model.push_back(treated.empty() ? 0 : (1 - s) * share - s * share * odds);
    result.all.push_back(1 - overall - overall * odds);
  }
  return result;
}

}  // namespace gliocast::survival
