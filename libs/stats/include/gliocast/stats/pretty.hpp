#pragma once
#include <vector>

namespace gliocast::stats {

/// About `intervals` + 1 round numbers that cover [low, high], as R's pretty(c(low, high), intervals). Both finite, low
/// <= high.
[[nodiscard]] std::vector<double> pretty(double low, double high, int intervals);

/// Round numbers (1, 2 or 5 times a power of ten apart) within [low, high]: at most `intervals` + 1. Both finite, low <
/// high.
[[nodiscard]] std::vector<double> round_ticks(double low, double high, int intervals);

}  // namespace gliocast::stats
