#pragma once
#include <gliocast/core/json.hpp>

#include <string>

namespace gliocast::report {

struct CalculatorLabels {
  std::string title, unit, stratum;
  std::string note{};  ///< stands above the fields
};
/// One HTML page that needs no network: a slider and number field or a choice for each predictor; points, survival and
/// median survival follow. Works by keyboard and prints on a page. `model`: as survival::describe_for_calculator writes
/// it. The page computes the model itself, not the drawing, so its numbers are those of `gliocast survival predict`.
/// `start`: values by predictor with which it opens.
[[nodiscard]] std::string nomogram_calculator(const CalculatorLabels& labels, const Json& model,
                                              const Json& start = Json::object());

}  // namespace gliocast::report
