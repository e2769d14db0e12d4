#pragma once
#include <gliocast/stats/estimate.hpp>

#include <vector>

namespace gliocast::stats {

/// What the first of two predicted probabilities adds to the second; positive: the first is better.
struct BinaryReclassification {
  Comparison idi;  ///< integrated discrimination improvement
  /// Net reclassification improvement, any change counts; nri is the sum.
  Comparison nri, nri_events, nri_non_events;
};

/// `first`, `second`: probabilities of the positive class; `truth`: 1 positive, 0 negative. NaN with one class only.
/// Source: Pencina 2008, 2011; standard errors as Hmisc::improveProb.
[[nodiscard]] BinaryReclassification reclassify(const std::vector<double>& first, const std::vector<double>& second,
                                                const std::vector<int>& truth, double level = 0.95);

}  // namespace gliocast::stats
