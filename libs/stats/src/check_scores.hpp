#pragma once
#include <gliocast/core/error.hpp>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

namespace gliocast::stats {

inline void check_scores(const std::vector<double>& scores, const std::vector<int>& truth) {
  if (scores.empty() || scores.size() != truth.size())
    throw unusable_input("there are " + std::to_string(scores.size()) + " scores of " + std::to_string(truth.size()) +
                         " rows");
  if (std::ranges::any_of(scores, [](double s) { return std::isnan(s); }))
    throw unusable_input("a score is not a number");
}

}  // namespace gliocast::stats
