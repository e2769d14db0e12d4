#pragma once
#include <gliocast/analysis/figures.hpp>
#include <gliocast/analysis/output.hpp>
#include <gliocast/core/json.hpp>
#include <gliocast/survival/cox_model.hpp>
#include <gliocast/survival/sample.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace gliocast::analysis {

/// One signature of every row: a repeat of a cross-validation, or a table that was predicted once.
struct SignatureRepeat {
  std::vector<double> signature;
  std::vector<char> high_risk;
  std::vector<survival::CoxPrediction> survival;
  std::vector<int> fold;  ///< the fit that it is of; empty where it was one
};

/// Rows with their survival, and one or more signatures of each.
struct SignatureRows {
  survival::SurvivalSample outcome;
  std::vector<int> patient;
  std::vector<SignatureRepeat> repeats;
};

struct SignatureMetric {
  std::string name, label;
  stats::Estimate estimate;
};

/// c_index, c_index_group (pairs within folds where there are folds), c_index_pooled (all pairs, where there are):
/// means over repeats. Of folds the interval is normal with the variance V (1/repeats + K/(K − 1)), V that of one
/// repeat by a bootstrap over patients and K the folds: fits of different folds share training patients (Nadeau &
/// Bengio 2003, their variance of the folds in V's place). Of one fit it has the percentiles of that bootstrap.
[[nodiscard]] std::vector<SignatureMetric> signature_metrics(const SignatureRows& rows, std::size_t draws,
                                                             std::uint64_t seed, std::size_t threads, double level);

/// C within folds of a second signature of the same rows in the same folds, and the first less the second.
struct SignatureComparison {
  stats::Estimate other;
  stats::Comparison difference;
};
/// By the variance of signature_metrics(), patients drawn for both together.
[[nodiscard]] SignatureComparison compare_signatures(const SignatureRows& first, const SignatureRows& second,
                                                     std::size_t draws, std::uint64_t seed, std::size_t threads,
                                                     double level);

/// Share of comparable pairs in which the lower signature dies first; pairs within folds, where there are folds.
[[nodiscard]] double concordance_of(const survival::SurvivalSample& outcome, const std::vector<double>& signature,
                                    const std::vector<int>& fold);

/// The groups of the first repeat: Kaplan–Meier curves, medians, log-rank test and figure as survival_curves() has
/// them; "hazard_ratio" of high against low risk in its JSON. Of folds its interval, and the log-rank test's
/// "p_with_fits", have the variance of signature_metrics(). Without figures where a group is empty.
[[nodiscard]] AnalysisOutput group_curves(const SignatureRows& rows, const std::string& time_label, double level);

/// At each time: AUC by the signature and Brier score of the predicted survival with that of Kaplan–Meier's estimate,
/// of the first repeat. Columns: time, followed, auc, auc_lower, auc_upper, brier, brier_lower, brier_upper, brier_km.
[[nodiscard]] TextTable at_times(const SignatureRows& rows, const std::vector<double>& times, double level, Json& json);

}  // namespace gliocast::analysis
