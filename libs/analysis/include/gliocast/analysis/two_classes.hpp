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
/// negative; several with commas ("3,4") are positive together, unless the whole text is a value itself. Throws
/// Error{UnusableInput} that lists the values.
[[nodiscard]] TwoClasses two_classes(const stats::DataFrame& table, const std::string& column,
                                     const std::string& positive, bool against_rest = false);

/// Of several positive values ("3,4") those that a column has, for a further table, which may lack one; all where it
/// has none.
[[nodiscard]] std::string positives_there(const stats::DataFrame& table, const std::string& column,
                                          const std::string& positive);

}  // namespace gliocast::analysis
