#pragma once
#include <gliocast/learn/feature_table.hpp>
#include <gliocast/survival/sample.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace gliocast::signature {

/// Features and survival of patients; one row an examination, rows of one patient never part.
struct SurvivalTable {
  learn::FeatureTable features;      ///< its `outcome` is not used
  survival::SurvivalSample outcome;  ///< one entry a row

  [[nodiscard]] std::size_t rows() const noexcept { return features.rows(); }
  /// These rows in this order.
  [[nodiscard]] SurvivalTable take(const learn::Rows& rows) const;
};

/// Throws Error{UnusableInput} where there is not one time and event a row, a time is not finite or below 0, or rows
/// have entry times or case weights, which forests do not know.
void check_outcome(const SurvivalTable& table);

/// Patients with an event, among these rows.
[[nodiscard]] std::size_t patients_with_event(const SurvivalTable& table, const learn::Rows& rows);

/// Fold of each of these rows, by patient, within those with and those without an event; at most as many folds as
/// patients with an event. Throws Error{UnusableInput} with fewer than two of them.
[[nodiscard]] std::vector<std::size_t> folds_by_event(const SurvivalTable& table, const learn::Rows& rows,
                                                      std::size_t folds, std::uint64_t seed);

/// The table with times and events shuffled together among patients: features and survival have nothing in common.
[[nodiscard]] SurvivalTable with_permuted_outcomes(const SurvivalTable& table, std::uint64_t seed);

}  // namespace gliocast::signature
