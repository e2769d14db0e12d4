#pragma once
#include <string>
#include <vector>

namespace gliocast {

/// Named features of patients: rows are patients, columns features, row major. Missing is NaN.
struct FeatureTable {
  std::vector<std::string> patients;
  std::vector<std::string> features;
  std::vector<double> values;  ///< patients.size() × features.size()

  [[nodiscard]] double at(std::size_t patient, std::size_t feature) const noexcept {
    return values[patient * features.size() + feature];
  }
  /// Adds a row. `names` must be the table's columns (or set them, for the first row). Throws Error{InternalFault}
  /// otherwise.
  void add_row(const std::string& patient, const std::vector<std::string>& names, const std::vector<double>& row);
};

}  // namespace gliocast
