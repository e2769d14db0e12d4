#include "case_control.hpp"

namespace gliocast::survival {

CaseControlWeights case_control_weights(const SurvivalSample& sample, const CensoringCurve& censoring, double time) {
  CaseControlWeights w;
  w.rows.resize(sample.time.size());
  for (std::size_t i = 0; i < w.rows.size(); ++i) {
    if (sample.time[i] > time) {
      ++w.controls;
      w.rows[i].as_control = sample.weight(i);
    } else if (sample.event[i]) {
      ++w.cases;
      w.rows[i].as_case = sample.weight(i) / censoring.before(sample.time[i]);
    }
    w.all_cases += w.rows[i].as_case;
    w.all_controls += w.rows[i].as_control;
  }
  return w;
}

}  // namespace gliocast::survival
