#include <gliocast/signature/survival_table.hpp>

#include <gliocast/core/error.hpp>
#include <gliocast/learn/evaluation.hpp>
#include <gliocast/learn/folds.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>
#include <string>

namespace gliocast::signature {
namespace {

/// Who the rows are, without their features; `outcome` as `learn` stratifies by it.
learn::FeatureTable patients_of(const SurvivalTable& table) {
  learn::FeatureTable patients = table.features.select({});
  patients.values = stats::Matrix(table.rows(), 0);
  patients.second_rater = {};
  patients.outcome.assign(table.outcome.event.begin(), table.outcome.event.end());
  return patients;
}

}  // namespace

SurvivalTable SurvivalTable::take(const learn::Rows& rows) const {
  return {features.take(rows), survival::take(outcome, rows)};
}

void check_outcome(const SurvivalTable& table) {
  const auto& o = table.outcome;
  if (o.time.size() != table.rows() || o.event.size() != table.rows())
    throw unusable_input("the table has " + std::to_string(table.rows()) + " rows, and " +
                         std::to_string(o.time.size()) + " times of survival");
  if (!o.entry.empty() || !o.weights.empty())
    throw unusable_input("a signature is fitted without entry times and case weights");
  for (std::size_t r = 0; r < o.time.size(); ++r)
    if (!std::isfinite(o.time[r]) || o.time[r] < 0)
      throw unusable_input("the time of survival is not a number from 0 on", "row " + table.features.ids.at(r));
}

std::size_t patients_with_event(const SurvivalTable& table, const learn::Rows& rows) {
  std::set<int> patients;
  for (const std::size_t r : rows)
    if (table.outcome.event[r]) patients.insert(table.features.patient[r]);
  return patients.size();
}

std::vector<std::size_t> folds_by_event(const SurvivalTable& table, const learn::Rows& rows, std::size_t folds,
                                        std::uint64_t seed) {
  const std::size_t events = patients_with_event(table, rows);
  if (events < 2)
    throw unusable_input("cross-validation needs two patients with an event, there are " + std::to_string(events));
  return learn::folds_by_patient(patients_of(table), rows, std::min(folds, events), true, seed);
}

SurvivalTable with_permuted_outcomes(const SurvivalTable& table, std::uint64_t seed) {
  learn::FeatureTable numbered = patients_of(table);
  std::iota(numbered.outcome.begin(), numbered.outcome.end(), 0.0);
  learn::Rows from;
  for (const double row : learn::with_permuted_classes(numbered, seed).outcome)
    from.push_back(static_cast<std::size_t>(row));
  return {table.features, survival::take(table.outcome, from)};
}

}  // namespace gliocast::signature
