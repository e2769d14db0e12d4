#pragma once
#include <vector>

namespace gliocast::stats {

/// Area under the ROC curve: probability that a positive scores higher than a negative, ties count half (Mann–Whitney). NaN with one class only.
/// `truth`: 1 positive, 0 negative; as many as `scores`. O(n log n).
[[nodiscard]] double auc(const std::vector<double>& scores, const std::vector<int>& truth);

}  // namespace gliocast::stats
