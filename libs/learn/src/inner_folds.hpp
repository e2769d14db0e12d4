#pragma once
#include <gliocast/learn/feature_table.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace gliocast::learn {

/// Fold of each row of the table for a cross-validation within a fit: rows of a patient stay together, patients are
/// dealt by class (positive where one of its rows is). At most `folds`, and no more than the rarer class has patients;
/// empty where that is less than 2. Depends on the rows and not on their order.
[[nodiscard]] std::vector<std::size_t> inner_folds(const FeatureTable& table, std::size_t folds, std::uint64_t seed);

}  // namespace gliocast::learn
