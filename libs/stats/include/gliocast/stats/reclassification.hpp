#pragma once
#include <vector>

namespace gliocast::stats {

struct TestedEstimate {
  double estimate = 0, se = 0, lower = 0, upper = 0, z = 0, p = 0;  ///< NaN z and p where se is 0
};
/// What the first of two predicted probabilities adds to the second; positive: the first is better.
struct BinaryReclassification {
  TestedEstimate idi;  ///< integrated discrimination improvement
  TestedEstimate nri, nri_events,
      nri_non_events;  ///< net reclassification improvement, any change counts; nri is the sum
};

/// `first`, `second`: probabilities of the positive class; `truth`: 1 positive, 0 negative. NaN with one class only.
/// Source: Pencina 2008, 2011; standard errors as Hmisc::improveProb.
[[nodiscard]] BinaryReclassification reclassify(const std::vector<double>& first, const std::vector<double>& second,
                                                const std::vector<int>& truth, double level = 0.95);

}  // namespace gliocast::stats
