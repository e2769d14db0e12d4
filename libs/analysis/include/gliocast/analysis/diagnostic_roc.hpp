#pragma once
#include <gliocast/analysis/output.hpp>
#include <gliocast/stats/data_frame.hpp>

#include <string>

namespace gliocast::analysis {

enum class Direction { Higher, Lower };  ///< which scores mark positives

struct RocOptions {
  std::string truth;           ///< column of the two classes
  std::string positive;        ///< value of the positive class; empty: 1 of 0/1, 2 of 1/2, else the later level
  std::string score, against;  ///< columns; `against` empty: one score alone
  Direction direction = Direction::Higher;
  double level = 0.95;
};
/// ROC curve and AUC of a score with DeLong's interval, or of two and their difference; NRI and IDI where both are
/// probabilities; a figure. Throws Error{UnusableInput} where a column is absent or no number, or the classes are not
/// two.
[[nodiscard]] AnalysisOutput roc(const stats::DataFrame& table, const RocOptions& options);

}  // namespace gliocast::analysis
