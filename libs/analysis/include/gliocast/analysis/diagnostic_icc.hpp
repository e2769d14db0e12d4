#pragma once
#include <gliocast/analysis/output.hpp>
#include <gliocast/stats/data_frame.hpp>

#include <string>
#include <vector>

namespace gliocast::analysis {

struct IccOptions {
  std::vector<std::string> raters;  ///< columns, one a rater; none: every column of numbers
  double level = 0.95;
};
/// Intraclass correlation of raters, all six forms. Throws Error{UnusableInput} with fewer than two raters or subjects,
/// or where a column that should hold numbers does not.
[[nodiscard]] AnalysisOutput icc(const stats::DataFrame& table, const IccOptions& options);

}  // namespace gliocast::analysis
