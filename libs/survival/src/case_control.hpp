#pragma once
#include <gliocast/survival/censoring_curve.hpp>
#include <gliocast/survival/sample.hpp>

#include <cstddef>
#include <vector>

namespace gliocast::survival {

/// Weights of a row as a case (event by the time) and as a control (followed beyond it); both 0 where it is censored
/// before.
struct CaseControl {
  double as_case = 0, as_control = 0;
};
struct CaseControlWeights {
  std::vector<CaseControl> rows;
  std::size_t cases = 0, controls = 0;
  double all_cases = 0, all_controls = 0;  ///< sums of the weights
};
/// Cases weigh 1/G(T−); the 1/G(t) that all controls share cancels and is left out.
[[nodiscard]] CaseControlWeights case_control_weights(const SurvivalSample& sample, const CensoringCurve& censoring,
                                                      double time);

}  // namespace gliocast::survival
