#pragma once
#include <gliocast/core/json.hpp>

#include <string>

namespace gliocast::report {

struct CalculatorLabels {
  std::string title, unit, stratum;
};
/// One HTML page that needs no network: a slider and number field or a choice for each predictor; points, survival and
/// median survival follow. Works by keyboard and prints on a page. `model`: as survival::describe_for_calculator writes
/// it. The page computes the model itself, not the drawing, so its numbers are those of `gliocast survival predict`.
[[nodiscard]] std::string nomogram_calculator(const CalculatorLabels& labels, const Json& model);

}  // namespace gliocast::report
