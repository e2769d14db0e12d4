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

/// A study of these rows, without predictions yet.
[[nodiscard]] analysis::GradingStudy empty_study(const GradedCohort& cohort, const learn::Rows& tested);
/// Fills in what one model says of some of them; `places`: theirs among the tested rows.
void record(analysis::StudyPredictions& of, const learn::Rows& places, std::size_t fold,
            const std::vector<double>& probability, double threshold);
[[nodiscard]] std::vector<std::string> ids_of(const learn::FeatureTable& table, const learn::Rows& rows);
/// The threshold that separates best (Youden) the grades of these rows by a network's probabilities.
[[nodiscard]] double network_threshold(const pipeline::DeepFeatures& network, const learn::FeatureTable& table,
                                       const learn::Rows& rows);

/// One split 6:2:2 within grades and centres, as in Xu 2022: networks are fitted on the training patients, their epoch
/// chosen on the validation patients; selection and classifier on the same training patients' features, the grid's
/// choice, calibration and threshold on the validation patients; the test patients are predicted once.
[[nodiscard]] Studied run_paper(const GradedCohort& cohort, const GradingOptions& options);
/// Cross-validation; in each fold halves of the training patients fit network and classifier in turn.
[[nodiscard]] Studied run_crossed(const GradedCohort& cohort, const GradingOptions& options);

}  // namespace gliocast::study
