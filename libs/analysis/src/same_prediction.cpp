#include "same_prediction.hpp"

#include <gliocast/analysis/survival_model.hpp>
#include <gliocast/core/text.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace gliocast::analysis {
namespace {
constexpr std::size_t kMostNamed = 5;  // columns in a sentence
constexpr double kSame = 1e-12;        // of linear predictors: rounding
}  // namespace

void tell_same_prediction(const survival::CoxModel& model, const stats::DataFrame& table,
                          const std::vector<double>& risk, const std::string& of, std::vector<std::string>& notes) {
  if (risk.size() < 2) return;
  const auto [low, high] = std::ranges::minmax(risk);
  if (high - low > kSame * std::max(1.0, std::abs(high))) return;
  std::vector<std::string> constant;
  for (const auto& name : predictors_of(model)) {
    const auto& column = table.at(name);
    bool varies = false;
    for (std::size_t r = 1; r < column.rows() && !varies; ++r) varies = column.text(r) != column.text(0);
    if (!varies) constant.push_back(name + " (" + column.text(0) + ")");
  }
  notes.push_back("warning: " + of + "the prediction is the same of all " + std::to_string(risk.size()) + " rows" +
                  (constant.empty() ? "" : ", which do not differ in " + listed(constant, kMostNamed)) +
                  ": the model cannot tell them apart, and a C of 0.5 says that alone");
}

}  // namespace gliocast::analysis
