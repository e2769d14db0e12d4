#pragma once
#include "step_entry.hpp"

namespace gliocast::learn {

// The steps and classifiers that grow trees, and elimination.

[[nodiscard]] StepEntry forest_step();
[[nodiscard]] ClassifierEntry forest_classifier();
[[nodiscard]] StepEntry elimination_step();
/// Only in builds with GLIOCAST_WITH_BOOSTING.
[[nodiscard]] ClassifierEntry boosting_classifier();

}  // namespace gliocast::learn
