#pragma once
#include <gliocast/survival/cox.hpp>

namespace gliocast::survival {

/// Throws Error{UnusableInput} where rows, events, times, entry times or case weights are not as a Cox model needs
/// them.
void check_outcome(const CoxData& data);

}  // namespace gliocast::survival
