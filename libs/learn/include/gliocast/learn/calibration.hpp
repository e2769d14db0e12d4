#pragma once
#include <gliocast/core/json.hpp>
#include <gliocast/stats/isotonic.hpp>
#include <gliocast/stats/logistic_calibration.hpp>

#include <string>
#include <vector>

namespace gliocast::learn {

enum class CalibrationMethod { None, Platt, Isotonic, Logistic };

/// none, platt, isotonic or logistic. Throws Error{UnusableInput} that lists them.
[[nodiscard]] CalibrationMethod calibration_method(const std::string& name);
[[nodiscard]] std::string name_of(CalibrationMethod method);

/// From a classifier's score to the probability of the positive class.
struct Calibration {
  CalibrationMethod method = CalibrationMethod::None;
  stats::LogisticCalibration platt;  ///< of Platt and Logistic
  stats::IsotonicCurve isotonic;     ///< of Isotonic

  /// None: the score as it is. NaN stays NaN.
  [[nodiscard]] double apply(double score) const;
  [[nodiscard]] std::vector<double> apply(const std::vector<double>& scores) const;
  [[nodiscard]] Json to_json() const;
  /// Throws Error{UnusableInput} where it is damaged.
  static Calibration from_json(const Json& json);
};

/// `scores`: of rows that the classifier was not fitted on; `truth`: 1 positive, 0 negative. Platt draws the targets
/// from 0 and 1, so that separated scores stay finite and probabilities are somewhat too cautious; Logistic is maximum
/// likelihood, and Platt's where that has no maximum. Isotonic needs some
/// hundred rows not to overfit. Throws Error{UnusableInput} where a score is not finite. Source: Platt 1999; Barlow
/// 1972; Zadrozny & Elkan 2002.
[[nodiscard]] Calibration fit_calibration(CalibrationMethod method, const std::vector<double>& scores,
                                          const std::vector<int>& truth);

}  // namespace gliocast::learn
