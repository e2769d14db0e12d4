#pragma once
#include <gliocast/core/json.hpp>
#include <gliocast/core/table.hpp>
#include <gliocast/stats/estimate.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace gliocast::analysis {

/// One prediction of every row: a repeat of a cross-validation, or a table that was predicted once.
struct Predicted {
  std::vector<double> probability;
  std::vector<int> positive;      ///< by the threshold of the model that predicted it
  std::vector<std::size_t> fold;  ///< the model that predicted it; empty where it was one
};

/// Rows with their truth, and one or more predictions of each.
struct PredictedRows {
  std::vector<int> truth, patient;
  std::vector<Predicted> repeats;
};

struct Metric {
  std::string name, label;
  stats::Estimate estimate;
};

/// Means over repeats with percentile intervals of a bootstrap over patients: auc, auc_within_folds (where there are
/// folds), average_precision, accuracy, sensitivity, specificity, precision, npv, f1, balanced_accuracy, mcc, brier,
/// calibration_slope, calibration_intercept. Of rows of one class what compares the classes is NaN.
[[nodiscard]] std::vector<Metric> grade_metrics(const PredictedRows& rows, std::size_t draws, std::uint64_t seed,
                                                std::size_t threads, double level);

/// The one of this name, which must be there.
[[nodiscard]] const stats::Estimate& estimate_of(const std::vector<Metric>& metrics, const std::string& name);

/// Whether each patient has one row and one prediction: then DeLong's variance holds.
[[nodiscard]] bool predicted_once(const PredictedRows& rows);

/// Another score of the same rows, one a repeat or one for all.
struct AucComparison {
  stats::Estimate auc;           ///< of the other
  stats::Comparison difference;  ///< the chain's less the other's, means over repeats
  std::string test;              ///< "DeLong", or "bootstrap over patients" where rows repeat
};
[[nodiscard]] AucComparison compare_auc(const PredictedRows& rows, const std::vector<std::vector<double>>& other,
                                        std::size_t draws, std::uint64_t seed, std::size_t threads, double level);

/// {"auc": {estimate, se, lower, upper}, …, "calibration": {"slope": {…}, "intercept": {…}}}.
[[nodiscard]] Json metrics_json(const std::vector<Metric>& metrics);

}  // namespace gliocast::analysis
