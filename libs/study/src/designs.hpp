#pragma once
#include "network_variants.hpp"

#include <gliocast/analysis/grading_study.hpp>
#include <gliocast/core/json.hpp>

#include <vector>

namespace gliocast::study {

/// A network, the rows that its features' classifier is fitted on, and that classifier's table.
struct FinalMember {
  const pipeline::DeepFeatures* network = nullptr;
  learn::Rows classifier_rows;
};

/// What a design gives: predictions of patients who were tested, who fitted what, and what the model for use is made
/// of.
struct Studied {
  analysis::GradingStudy predictions;
  Json audit = Json::array();                    ///< a fold each
  std::vector<pipeline::DeepFeatures> networks;  ///< that members point into
  std::vector<FinalMember> members;
  Sequence sequence = Sequence::T1Gd;  ///< of the model for use
};

/// Cross-validation; in each fold halves of the training patients fit network and classifier in turn.
[[nodiscard]] Studied run_crossed(const GradedCohort& cohort, const GradingOptions& options);

}  // namespace gliocast::study
