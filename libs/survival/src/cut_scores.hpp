#pragma once
#include <gliocast/survival/sample.hpp>

#include <vector>

namespace gliocast::survival {

/// Event minus cumulative hazard at its time; those with the same time count as no longer at risk, as maxstat has it.
[[nodiscard]] std::vector<double> log_rank_scores(const SurvivalSample& sample);
/// Throws Error{UnusableInput} with case weights, late entry or no event.
void check_searchable(const SurvivalSample& sample);

}  // namespace gliocast::survival
