#pragma once
#include <gliocast/analysis/output.hpp>
#include <gliocast/stats/data_frame.hpp>

#include <string>
#include <vector>

namespace gliocast::analysis {

struct CharacteristicsOptions {
  std::string group;                      ///< column of groups; empty: none
  std::vector<std::string> columns;       ///< to describe; none: all but `group`, `outcome`, and text with many values
  std::vector<std::string> outcome = {};  ///< columns that are not described unless named
};
/// Table 1: columns described by group, with the right test for each. Throws Error{UnusableInput} where a column is
/// absent or the groups' column is empty.
[[nodiscard]] AnalysisOutput characteristics(const stats::DataFrame& table, const CharacteristicsOptions& options);

}  // namespace gliocast::analysis
