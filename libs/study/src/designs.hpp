#pragma once
#include "network_variants.hpp"

#include <gliocast/analysis/grading_study.hpp>
#include <gliocast/core/json.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace gliocast::study {

/// What tables call the model of a study without networks.
inline constexpr const char* kRadiomicsAlone = "radiomics of the chosen sequence";

/// A network, and the rows that the classifier of its features is fitted on.
struct FinalMember {
  const pipeline::DeepFeatures* network = nullptr;  ///< null: of radiomics alone
  learn::Rows classifier_rows;
};

/// What a design gives: predictions of patients who were tested, who fitted what, and what the model for use is made
/// of.
struct Studied {
  analysis::GradingStudy predictions;
  Json audit = Json::array();                    ///< a fold each
  std::vector<pipeline::DeepFeatures> networks;  ///< that members point into
  std::vector<FinalMember> members;              ///< none: the design gives no model for use
  Sequence sequence = Sequence::T1Gd;            ///< of the model for use
};

/// A study of these rows, without predictions yet; `deep`: networks take part.
[[nodiscard]] analysis::GradingStudy empty_study(const GradedCohort& cohort, const learn::Rows& tested, bool deep);
/// Fills in what one model says of some of them; `places`: theirs among the tested rows.
void record(analysis::StudyPredictions& of, const learn::Rows& places, std::size_t fold,
            const std::vector<double>& probability, double threshold);
/// Of a study without networks: what radiomics of this sequence say of some rows is what the study says of them.
void take_sequence(analysis::GradingStudy& study, std::size_t sequence, const learn::Rows& places);
/// Which of the sequences has the chain that did best on patients it left out within; `models`: one a sequence.
[[nodiscard]] std::size_t best_sequence(const std::vector<std::shared_ptr<const learn::ChainModel>>& models);
[[nodiscard]] std::vector<std::string> ids_of(const learn::FeatureTable& table, const learn::Rows& rows);
/// A network alone: probabilities of the whole cohort and a threshold, both by patients who did not fit it.
struct NetworkAlone {
  std::vector<double> probability;
  double threshold = 0.5;
};
/// Platt's calibration on these rows (without it, scores of two networks would not be on one scale, and an AUC over
/// folds too low); a network that ranks them the wrong way says nothing, and gets their share of high grade. The
/// threshold separates them best (Youden).
[[nodiscard]] NetworkAlone network_alone(const pipeline::DeepFeatures& network, const learn::FeatureTable& table,
                                         const learn::Rows& rows);

/// One split 6:2:2 within grades and centres, as in Xu 2022: networks are fitted on the training patients, their epoch
/// chosen on the validation patients; selection and classifier on the same training patients' features, the grid's
/// choice, calibration and threshold on the validation patients; the test patients are predicted once.
[[nodiscard]] Studied run_paper(const GradedCohort& cohort, const GradingOptions& options);
/// Cross-validation; in each fold halves of the training patients fit network and classifier in turn.
[[nodiscard]] Studied run_crossed(const GradedCohort& cohort, const GradingOptions& options);

}  // namespace gliocast::study
