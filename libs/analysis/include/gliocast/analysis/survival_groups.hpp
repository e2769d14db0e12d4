#pragma once
#include <gliocast/stats/data_frame.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace gliocast::analysis {

/// Rows of a frame by the levels of a column that occur; one group "all" without.
struct GroupedRows {
  std::vector<std::string> labels;
  std::vector<std::vector<std::size_t>> rows;
  std::vector<int> code;  ///< one a row
};
/// `group`: a column without missing values; empty: no groups. Throws Error{UnusableInput} where it is absent or has
/// over 50 values.
[[nodiscard]] GroupedRows group_rows(const stats::DataFrame& frame, const std::string& group);

}  // namespace gliocast::analysis
