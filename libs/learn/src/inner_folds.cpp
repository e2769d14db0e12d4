#include "inner_folds.hpp"

#include <algorithm>
#include <map>
#include <string>

namespace gliocast::learn {
namespace {

struct Patient {
  std::string id;  // the least of its rows'
  int stratum = 0;
  Rows rows;
};

}  // namespace

std::vector<std::size_t> inner_folds(const FeatureTable& table, std::size_t folds, std::uint64_t seed) {
  const auto classes = table.classes();
  std::map<int, Patient> patients;
  for (std::size_t r = 0; r < table.rows(); ++r) {
    Patient& p = patients[table.patient.empty() ? static_cast<int>(r) : table.patient[r]];
    if (p.rows.empty() || table.ids[r] < p.id) p.id = table.ids[r];
    p.stratum = std::max(p.stratum, classes[r]);
    p.rows.push_back(r);
  }
  std::vector<std::string> ids;
  std::vector<int> strata;
  for (const auto& [number, p] : patients) {
    ids.push_back(p.id);
    strata.push_back(p.stratum);
  }
  const auto positive = static_cast<std::size_t>(std::ranges::count(strata, 1));
  folds = std::min({folds, positive, strata.size() - positive});
  if (folds < 2) return {};
  const auto of_patient = stats::assign_folds(ids, strata, folds, seed);
  std::vector<std::size_t> fold(table.rows());
  std::size_t i = 0;
  for (const auto& [number, p] : patients) {
    for (const std::size_t r : p.rows) fold[r] = of_patient[i];
    ++i;
  }
  return fold;
}

}  // namespace gliocast::learn
