#pragma once
#include <gliocast/survival/cox_model.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace gliocast::survival {

inline constexpr int kIntervals = 10;  // of an axis, as rms marks it

/// A column of the table that the model's terms use.
struct Predictor {
  std::string name;
  bool text = false;  ///< the table holds text, not numbers
  bool discrete = false;
  std::vector<std::string> levels;  ///< of a discrete one
  std::vector<double> values;       ///< where an axis is marked, numbers only
  double low = 0, middle = 0, high = 0;
};

/// Columns that an expression uses, in order of appearance.
[[nodiscard]] std::vector<std::string> columns_of(const stats::Expression& expression);
/// Throws Error{UnusableInput} where the model says nothing of a column's range.
[[nodiscard]] std::vector<Predictor> predictors_of(const CoxModel& model);
/// Which baseline; the first where `stratum` is empty. Throws Error{WrongUse} on an unknown one.
[[nodiscard]] std::size_t find_stratum(const CoxModel& model, const std::string& stratum);

}  // namespace gliocast::survival
