#pragma once
#include <gliocast/learn/feature_table.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace gliocast::learn {

/// Fold (0 … folds − 1) of each of these rows, which may repeat: a patient's rows stay together. `stratify`: patients
/// are dealt within classes (positive where one of the rows is). At most as many folds as patients. Depends on the rows
/// and not on their order. Throws Error{UnusableInput} with fewer than two patients.
[[nodiscard]] std::vector<std::size_t> folds_by_patient(const FeatureTable& table, const Rows& rows, std::size_t folds,
                                                        bool stratify, std::uint64_t seed);

/// Patients of the class that has fewer, among these rows: no more folds have both classes.
[[nodiscard]] std::size_t patients_of_rarer_class(const FeatureTable& table, const Rows& rows);

/// The smallest number of patients of which `least` stay where one of at most `folds` folds is left out.
[[nodiscard]] std::size_t patients_to_leave(std::size_t least, std::size_t folds);

/// Every row of a table, in order.
[[nodiscard]] Rows all_rows(const FeatureTable& table);
/// The same without these.
[[nodiscard]] Rows rows_without(const FeatureTable& table, const Rows& left_out);

}  // namespace gliocast::learn
