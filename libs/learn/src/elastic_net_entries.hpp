#pragma once
#include "step_entry.hpp"

namespace gliocast::learn {

[[nodiscard]] StepEntry lasso_entry();
[[nodiscard]] StepEntry elastic_net_entry();
[[nodiscard]] ClassifierEntry elastic_net_classifier_entry();

}  // namespace gliocast::learn
