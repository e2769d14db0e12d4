#pragma once
#include <gliocast/core/json.hpp>

#include <string>

namespace gliocast::report {

struct CalculatorLabels {
  std::string title, unit, stratum;
};
/// One HTML page that needs no network: a slider or choice a predictor, points, total points, survival. `model`: a gliocast-cox-model file; `nomogram`: what `gliocast survival nomogram --json` prints.
/// The page computes the model itself, not the nomogram's drawing, so its numbers are those of `gliocast survival predict`.
[[nodiscard]] std::string nomogram_calculator(const CalculatorLabels& labels, const Json& model, const Json& nomogram);

}  // namespace gliocast::report
