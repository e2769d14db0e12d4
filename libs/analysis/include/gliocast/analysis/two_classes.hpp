#pragma once
#include <gliocast/stats/data_frame.hpp>

#include <string>
#include <vector>

namespace gliocast::analysis {

/// The two classes of a column.
struct TwoClasses {
  std::string positive, negative;
  std::vector<int> of_row;  ///< 1 positive, 0 negative, −1 missing
};

/// Reads a column as two classes. `positive`: the value, in any case, or an equal number; empty: 1 of 0/1, 2 of 1/2,
/// else the later level. `against_rest`: where a value is named, the column may hold more than two, the others are
/// negative. Throws Error{UnusableInput} that lists the values.
[[nodiscard]] TwoClasses two_classes(const stats::DataFrame& table, const std::string& column,
                                     const std::string& positive, bool against_rest = false);

}  // namespace gliocast::analysis
