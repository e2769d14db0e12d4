#pragma once
#include <gliocast/analysis/rater_agreement.hpp>
#include <gliocast/pipeline/examine.hpp>

#include <array>
#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace gliocast::study {

struct RaterOptions {
  /// Of the outline that is tried against the raters': its folder may be another stage's, whose results are read back
  /// where that stage too measured within the raters' masks.
  pipeline::ExamineOptions examine;
  double level = 0.95;  ///< of intervals
  std::size_t threads = 0;
};

struct RaterAgreement : analysis::RaterAgreementResults {
  std::vector<Failure> failures{};  ///< whose outline could not be read or made; the stage begins with whose it is
  std::size_t patients = 0;         ///< with both raters' masks
  std::vector<std::string> ids{};   ///< of these, in the order of the tables
  /// Files of the outlines on the working grid, of rater 1, rater 2 and the one that is tried; empty where there is
  /// none.
  std::array<std::vector<std::filesystem::path>, 3> outlines{};
  std::array<std::vector<double>, 3> dice_of_pair{};  ///< of analysis::kRaterPairs; NaN without both outlines
};

/// How two raters agree with each other and with the network (with the experts where examine.expert_outlines asks for
/// theirs): patients who have both raters' masks are measured within each of the three outlines; Dice of the whole
/// tumour on the working grid, 0 with a network that finds none, and ICC(2,1) of every radiomic feature. Nothing is
/// fitted. Without such patients the tables
/// are empty and a note says why. Throws Error{MissingModel} as examine_cohort().
[[nodiscard]] RaterAgreement rater_agreement(const std::vector<cohort::PatientFiles>& patients,
                                             const RaterOptions& options);

}  // namespace gliocast::study
