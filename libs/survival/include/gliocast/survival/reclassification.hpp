#pragma once
#include <gliocast/survival/censoring_curve.hpp>
#include <gliocast/survival/influence.hpp>
#include <gliocast/survival/sample.hpp>

#include <vector>

namespace gliocast::survival {

/// Net reclassification improvement: share moved to a higher risk less share moved to a lower one among those with the
/// event by the time, and the reverse among those without.
struct NetReclassification {
  InfluenceEstimate total, events, non_events;  ///< total = events + non_events, in [−2, 2]
};

/// How much better the first of two predicted risks separates those who have the event by `time` from those who do not.
/// Positive: the first is better. Rows weighted by the inverse chance of not being censored; intervals hold the risks
/// as given.
struct Reclassification {
  InfluenceEstimate idi;  ///< integrated discrimination improvement: difference of the two mean differences of risk
  NetReclassification continuous;  ///< any change of risk counts
  NetReclassification categories;  ///< only moves between the categories that `cuts` make; NaN without cuts
  std::size_t cases = 0, controls = 0;
};

/// `first`, `second`: risks, P(event by `time`) of each row; `cuts`: ascending, a risk at a cut belongs above. NaN
/// where there are no cases or no controls. Source: Pencina 2008, 2011; weights as Uno 2013.
[[nodiscard]] Reclassification reclassify(const SurvivalSample& sample, const CensoringCurve& censoring,
                                          const std::vector<double>& first, const std::vector<double>& second,
                                          double time, const std::vector<double>& cuts = {}, double level = 0.95);

}  // namespace gliocast::survival
