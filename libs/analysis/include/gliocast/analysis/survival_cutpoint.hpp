#pragma once
#include <gliocast/analysis/output.hpp>
#include <gliocast/stats/data_frame.hpp>
#include <gliocast/stats/resampling.hpp>
#include <gliocast/survival/survival_frame.hpp>

#include <cstddef>
#include <optional>
#include <string>

namespace gliocast::analysis {

struct CutPointOptions {
  survival::OutcomeColumns outcome;
  std::string value;                           ///< column to cut
  std::size_t cuts = 1;                        ///< 1 or 2
  double least = 0.1;                          ///< least share of rows in each group
  std::optional<stats::DataFrame> validation;  ///< a second table with the same columns on which the cuts are tried
  stats::ResamplingOptions permutations;       ///< with two cuts: correct P for the search
};
/// The cut, or the two cuts, of a value that separate survival best, their P corrected for the search, and a figure of
/// all cuts. Throws Error{WrongUse} where three groups cannot each hold the least share, Error{UnusableInput} as
/// make_survival_frame and the searches do.
[[nodiscard]] AnalysisOutput cut_point(const stats::DataFrame& table, const CutPointOptions& options);

}  // namespace gliocast::analysis
