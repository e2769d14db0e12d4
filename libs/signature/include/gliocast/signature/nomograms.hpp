#pragma once
#include <gliocast/signature/grouped_fold.hpp>
#include <gliocast/stats/data_frame.hpp>
#include <gliocast/stats/resampling.hpp>
#include <gliocast/survival/cox_model.hpp>
#include <gliocast/survival/cox_selection.hpp>
#include <gliocast/survival/kaplan_meier.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace gliocast::signature {

// Nomograms of clinical factors, and of those with the risk group of a signature; what the group adds.

/// The column of the integrated model's factor: levels "low" (the reference) and "high".
inline constexpr const char* kRiskGroup = "risk_group";

/// The frame with the column kRiskGroup. `high_risk`: one a row, 1 high, 0 low, all else missing. Throws
/// Error{InternalFault} where there are more or fewer than rows.
[[nodiscard]] stats::DataFrame with_risk_group(const stats::DataFrame& frame, const std::vector<char>& high_risk);

/// Columns of the table that are clinical factors by their name, in any case: age, sex, location, grade, laterality,
/// histology, enhancement (Xu 2022).
[[nodiscard]] std::vector<std::string> clinical_candidates(const stats::DataFrame& frame);

/// How the factors of a nomogram are chosen.
struct NomogramOptions {
  std::vector<std::string> candidates;  ///< columns, or terms of a formula such as "factor(grade)"
  survival::DropRule rule = survival::DropRule::LikelihoodRatio;
  double p = 0.05;  ///< a factor stays up to it
  survival::CoxOptions fit;
};

/// Columns of the table that the candidates use.
[[nodiscard]] std::vector<std::string> columns_of(const stats::DataFrame& frame, const NomogramOptions& options);

struct NomogramPrediction {
  std::vector<double> risk;                   ///< linear predictor of each row; 0 of the null model; NaN: not known
  std::vector<std::vector<double>> survival;  ///< [time][row]: P(T > time)
};

/// A Cox model of the candidates that were significant alone, then together.
struct FittedNomogram {
  survival::UnivariateScreen univariate;  ///< of the candidates that vary
  survival::Selection multivariate;       ///< of those that were significant alone
  std::vector<std::string> factors;  ///< that stay, as terms of the formula; none: the null model, one curve for all
  std::optional<survival::CoxAnalysis> fit;       ///< refitted to the factors; none of the null model
  survival::KaplanMeierCurve null_curve;          ///< of the rows of the fit
  std::vector<std::string> constant;              ///< candidates with one value in these rows: they say nothing
  std::size_t n = 0, events = 0, parameters = 0;  ///< rows, events, and columns of the design of all candidates
  std::size_t subjects_with_event = 0;            ///< as events, but of several rows a subject
  std::size_t left_out = 0;                       ///< rows with a missing value in a candidate or the outcome

  /// Beyond the follow-up of the fit the last survival is carried on. NaN where a value is missing or a level was not
  /// there at the fit.
  [[nodiscard]] NomogramPrediction predict(const stats::DataFrame& frame, const std::vector<double>& times) const;
  /// Fewer than 10 events a parameter, columns that are constant or collinear, coefficients that are infinite, and
  /// where nothing stays: sentences.
  [[nodiscard]] std::vector<std::string> doubts() const;
};

/// Fits to the rows that have a value in every candidate: each alone, those kept together, what stays once more. Throws
/// Error{UnusableInput} without an event, and as analyse_cox().
[[nodiscard]] FittedNomogram fit_nomogram(const stats::DataFrame& frame, const survival::OutcomeColumns& outcome,
                                          const NomogramOptions& options);

/// Folds of cross-validation in which each row keeps the group that it has, stratified by event; rows of one patient
/// (OutcomeColumns::cluster) never part. Of the rows with an outcome and a group. Throws Error{UnusableInput} with
/// fewer events than folds.
[[nodiscard]] std::vector<GroupedFold> deal_folds(const stats::DataFrame& frame,
                                                  const survival::OutcomeColumns& outcome,
                                                  const std::vector<char>& high_risk, std::size_t folds,
                                                  std::size_t repeats, std::uint64_t seed);

struct ComparisonOptions {
  NomogramOptions nomogram;               ///< its candidates: the clinical ones
  std::vector<double> times{12, 36, 60};  ///< in the table's unit
  double level = 0.95;
  stats::ResamplingOptions resampling;  ///< of patients, where rows are tested in several folds
};

/// How one of the models did on the test rows.
struct NomogramPerformance {
  stats::Estimate concordance;                ///< of pairs within a fold
  stats::Estimate calibration_slope;          ///< of linear predictors, folds as strata; 1 is best
  stats::Estimate integrated_brier;           ///< from 0 to NomogramComparison::brier_until
  std::vector<stats::Estimate> brier;         ///< [time]; NaN where nobody is followed so far
  std::vector<std::vector<double>> survival;  ///< [time][tested row]
  std::map<std::string, std::size_t> kept;    ///< fits in which each factor stayed
  std::size_t null_models = 0;                ///< fits in which nothing stayed
  std::map<std::string, std::size_t> doubts;  ///< sentences, and of how many fits they hold
};

/// Both models on the same rows, which neither had seen.
struct NomogramComparison {
  NomogramPerformance clinical, integrated;
  stats::Comparison concordance;       ///< integrated less clinical
  stats::Comparison integrated_brier;  ///< integrated less clinical; below 0 is better
  std::vector<double> times;
  std::vector<char> extrapolated;          ///< [time] beyond the follow-up of a fit: the last survival is carried on
  std::vector<double> brier_kaplan_meier;  ///< [time] of one curve for all
  double brier_until = 0;                  ///< the last of the times that test rows are followed to; NaN: none
  /// Tested rows, fold after fold; one that is tested several times has the weight 1/times.
  survival::SurvivalSample sample;
  std::vector<std::size_t> row;  ///< of the table
  std::vector<int> fold;
  std::size_t folds = 0, patients = 0, events = 0;  ///< events: of different rows
  std::size_t draws = 0;                            ///< of the bootstrap; 0: the interval is by influences (Kang 2015)
  std::vector<std::string> notes;
};

/// Selects and fits both models to the training rows of each fold and predicts its test rows. Only rows with a value in
/// every candidate count, so that both models have the same. C and its difference are of pairs within folds, since
/// risks of different fits are not on one scale: of one fold with the intervals and P of R's concordance of two fits,
/// of several with percentiles of a bootstrap over patients, P twice the smaller share of draws on one side of 0.
/// Throws Error{UnusableInput} as fit_nomogram() naming the fold, and where no two test rows can be compared.
[[nodiscard]] NomogramComparison compare_nomograms(const stats::DataFrame& frame,
                                                   const survival::OutcomeColumns& outcome,
                                                   const std::vector<GroupedFold>& folds,
                                                   const ComparisonOptions& options);
/// The same of models fitted to one table and tested on another; both have the column kRiskGroup.
[[nodiscard]] NomogramComparison compare_nomograms(const stats::DataFrame& training, const stats::DataFrame& external,
                                                   const survival::OutcomeColumns& outcome,
                                                   const ComparisonOptions& options);

}  // namespace gliocast::signature
