#include <gliocast/learn/folds.hpp>

#include "patients.hpp"

#include <gliocast/core/error.hpp>

#include <algorithm>
#include <numeric>
#include <string>

namespace gliocast::learn {
std::vector<std::size_t> folds_by_patient(const FeatureTable& table, const Rows& rows, std::size_t folds, bool stratify,
                                          std::uint64_t seed) {
  auto patients = patients_of(table, rows, stratify);
  if (patients.size() < 2)
    throw unusable_input("cross-validation needs two patients, there are " + std::to_string(patients.size()));
  std::vector<std::string> ids;
  std::vector<int> strata;
  for (auto& [number, p] : patients) {
    p.place = ids.size();
    ids.push_back(p.id);
    strata.push_back(p.label);
  }
  const auto of_patient = stats::assign_folds(ids, strata, std::min(folds, ids.size()), seed);
  std::vector<std::size_t> fold;
  fold.reserve(rows.size());
  for (const std::size_t r : rows) fold.push_back(of_patient[patients.at(table.patient[r]).place]);
  return fold;
}

std::size_t patients_of_rarer_class(const FeatureTable& table, const Rows& rows) {
  const auto patients = patients_of(table, rows, true);
  const auto positive =
      static_cast<std::size_t>(std::ranges::count_if(patients, [](const auto& p) { return p.second.label == 1; }));
  return std::min(positive, patients.size() - positive);
}

std::size_t patients_to_leave(std::size_t least, std::size_t folds) {
  for (std::size_t n = 2;; ++n)
    if (const std::size_t dealt = std::min(folds, n); n - (n + dealt - 1) / dealt >= least) return n;
}

Rows all_rows(const FeatureTable& table) {
  Rows rows(table.rows());
  std::iota(rows.begin(), rows.end(), std::size_t{0});
  return rows;
}

Rows rows_without(const FeatureTable& table, const Rows& left_out) {
  std::vector<bool> out(table.rows(), false);
  for (const std::size_t r : left_out) out[r] = true;
  Rows rows;
  for (std::size_t r = 0; r < table.rows(); ++r)
    if (!out[r]) rows.push_back(r);
  return rows;
}

}  // namespace gliocast::learn
