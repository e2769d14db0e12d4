#include "plan.hpp"

#include <gliocast/core/error.hpp>

namespace gliocast::preprocess {
namespace {

/// Some sequences with the skull and some without fit neither way of working.
void refuse_mixed(const Recognition& r) {
  std::string with, without;
  for (const auto& [s, state] : r.sequences) {
    std::string& list = state.stripped ? without : with;
    list += (list.empty() ? "" : "; ") + std::string(display_name(s)) + " " + state.reason;
  }
  if (!with.empty() && !without.empty())
    throw unusable_input(
        "some sequences seem to have the skull (" + with + ") and some to be stripped (" + without + ")", {},
        "give all of them raw or all of them stripped; or say --preprocessed yes or no");
}

}  // namespace

Plan plan_steps(const Recognition& r, const PreprocessOptions& o, const std::string& no_stripped_brain,
                std::vector<std::string>& steps) {
  if (o.preprocessed == Preprocessed::Yes) {
    steps.push_back("The images were said to be skull-stripped and aligned (--preprocessed yes).");
    if (!r.stripped) steps.push_back("Note: " + r.stripped_reason);
    if (!r.aligned)
      steps.push_back("Note: " + r.aligned_reason + " They were resampled by the positions in their headers.");
    return {};
  }
  if (o.preprocessed == Preprocessed::No) {
    steps.push_back("The images were said to be raw (--preprocessed no).");
    if (r.stripped) steps.push_back("Note: " + r.stripped_reason);
    return {true, true, true};
  }
  if (!no_stripped_brain.empty()) {
    steps = {r.stripped_reason, "But " + no_stripped_brain + ": the images were taken as raw.", r.aligned_reason};
    return {true, true, true};
  }
  refuse_mixed(r);
  steps = {r.stripped_reason, r.aligned_reason};
  // One grid does not mean aligned where the head has moved between sequences.
  if (!r.stripped) {
    if (r.aligned) steps.back() = "All sequences lie on one grid.";
    return {true, true, true};
  }
  return {false, !r.aligned, false};
}

}  // namespace gliocast::preprocess
