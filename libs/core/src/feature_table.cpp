#include <gliocast/core/feature_table.hpp>

#include <gliocast/core/error.hpp>

namespace gliocast {

void FeatureTable::add_row(const std::string& patient, const std::vector<std::string>& names,
                           const std::vector<double>& row) {
  if (patients.empty() && features.empty()) features = names;
  if (names != features || row.size() != features.size())
    throw Error(ExitCode::InternalFault, "a row with other features than the table's", patient);
  patients.push_back(patient);
  values.insert(values.end(), row.begin(), row.end());
}

}  // namespace gliocast
