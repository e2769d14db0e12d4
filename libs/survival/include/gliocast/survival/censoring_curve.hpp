#pragma once
#include <gliocast/survival/sample.hpp>

#include <cstddef>
#include <vector>

namespace gliocast::survival {

/// P(censoring time > t) by the reverse Kaplan–Meier estimate; ties: events before censorings.
class CensoringCurve {
 public:
  /// Throws Error{UnusableInput} with entry times, for which it is not defined.
  explicit CensoringCurve(const SurvivalSample& sample);
  [[nodiscard]] double before(double time) const;  ///< G(t−)
  [[nodiscard]] double at(double time) const;      ///< G(t)
  [[nodiscard]] std::size_t steps() const noexcept { return time_.size(); }
  [[nodiscard]] std::size_t steps_before(double time) const;  ///< steps that G(t−) holds
  [[nodiscard]] std::size_t steps_until(double time) const;   ///< steps that G(t) holds
  /// Adds to each row's influence what it has through G. `share_of_step[k]`: the part of the value whose weight 1/G
  /// holds just the steps 0…k.
  void add_influence(const SurvivalSample& sample, const std::vector<double>& share_of_step,
                     std::vector<double>& influence) const;

 private:
  std::vector<double> time_, value_, hazard_, at_risk_;
};

}  // namespace gliocast::survival
