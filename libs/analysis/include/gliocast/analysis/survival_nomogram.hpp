#pragma once
#include <gliocast/analysis/output.hpp>
#include <gliocast/survival/cox_model.hpp>

#include <string>
#include <vector>

namespace gliocast::analysis {

struct NomogramOptions {
  std::vector<double>
      times;  ///< at which survival is read off, in the model's unit; none: round times within follow-up
  std::string stratum, unit, title;
};
struct NomogramOutput : AnalysisOutput {
  Json calculator;  ///< what a page needs to compute the model by itself
};
/// The marks of a nomogram and its figure. Throws Error{WrongUse} on times that are not positive or an unknown stratum,
/// Error{UnusableInput} as lay_out_nomogram does.
[[nodiscard]] NomogramOutput nomogram(const survival::CoxModel& model, const NomogramOptions& options);

}  // namespace gliocast::analysis
