#pragma once
#include "step_entry.hpp"

namespace gliocast::learn {

// Entries of the steps that prepare and screen features.

[[nodiscard]] StepEntry combat_entry();
[[nodiscard]] StepEntry correlation_entry();
[[nodiscard]] StepEntry icc_entry();
[[nodiscard]] StepEntry levene_entry();
[[nodiscard]] StepEntry screen_entry();
[[nodiscard]] StepEntry standardise_entry();
[[nodiscard]] StepEntry variance_entry();

}  // namespace gliocast::learn
