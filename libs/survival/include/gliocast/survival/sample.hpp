#pragma once
#include <cstddef>
#include <vector>

namespace gliocast::survival {

/// Times, events and what weighs them, one entry a row. Empty `entry`, `weights`: none.
struct SurvivalSample {
  std::vector<double> time;     ///< of the event or the last visit, any one unit
  std::vector<char> event;      ///< 1: event at `time`, 0: censored
  std::vector<double> entry;    ///< start of observation (late entry), < time
  std::vector<double> weights;  ///< case weights, > 0

  [[nodiscard]] std::size_t rows() const noexcept { return time.size(); }
  [[nodiscard]] double weight(std::size_t row) const { return weights.empty() ? 1.0 : weights[row]; }
};

/// The rows of a sample in the order given; rows may repeat.
[[nodiscard]] SurvivalSample take(const SurvivalSample& sample, const std::vector<std::size_t>& rows);

}  // namespace gliocast::survival
