#pragma once
#include <gliocast/learn/feature_table.hpp>

#include <cstddef>
#include <map>
#include <string>

namespace gliocast::learn {

/// A patient of some rows of a table.
struct Patient {
  std::string id, centre;  ///< the least of the rows', in byte order
  int label = 0;           ///< the greatest class of the rows
  std::size_t place = 0;   ///< for callers to number patients
};

/// The patients of these rows by their numbers. Without `with_class` labels are not read, and 0.
[[nodiscard]] std::map<int, Patient> patients_of(const FeatureTable& table, const Rows& rows, bool with_class);

}  // namespace gliocast::learn
