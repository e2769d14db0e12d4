#include "patients.hpp"

#include <algorithm>

namespace gliocast::learn {

std::map<int, Patient> patients_of(const FeatureTable& table, const Rows& rows, bool with_class) {
  std::map<int, Patient> patients;
  for (const std::size_t r : rows) {
    const int label = with_class && table.outcome.at(r) == 1 ? 1 : 0;
    const std::string centre = table.centre.empty() ? "" : table.centre[r];
    const auto [at, fresh] = patients.try_emplace(table.patient[r], Patient{table.ids[r], centre, label, 0});
    if (fresh) continue;
    at->second.id = std::min(at->second.id, table.ids[r]);
    at->second.centre = std::min(at->second.centre, centre);
    at->second.label = std::max(at->second.label, label);
  }
  return patients;
}

}  // namespace gliocast::learn
