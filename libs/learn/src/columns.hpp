#pragma once
#include <gliocast/learn/feature_table.hpp>

#include <cmath>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace gliocast::learn {

/// The cells of these rows into `values`, as they are.
void take_rows(std::span<const double> column, const Rows& rows, std::vector<double>& values);
/// The same without cells that are missing, infinite or beyond ±1e150.
void take_present(std::span<const double> column, const Rows& rows, std::vector<double>& values);

/// Mean and standard deviation (divisor n − ddof) of at least ddof + 1 values, as safe from overflow and underflow as
/// the values themselves.
struct Moments {
  double mean = 0, sd = 0, largest = 0;  ///< largest: of |value|
  /// Whether the values are equal but for rounding: sd ≤ 1e-12 of the largest. A double holds 16 digits, and sums over
  /// a mask's 1e5 voxels lose up to four of them; what varies less is no measurement.
  [[nodiscard]] bool constant() const noexcept { return sd <= 1e-12 * largest; }
};
[[nodiscard]] Moments moments(std::span<const double> values, int ddof);

/// The classes of these rows, 0 and 1. Throws Error{UnusableInput} as FeatureTable::classes().
[[nodiscard]] std::vector<int> classes_of(const FeatureTable& table, const Rows& rows);

/// Names in a sentence: of columns, centres, rows.
constexpr std::size_t kMostNamed = 5;
/// "1 feature", "3 features".
[[nodiscard]] std::string counted(std::size_t count, const std::string& what);
/// Throws Error{InternalFault} where the table is not of `columns` columns. `who`: the step or classifier.
void need_columns(const FeatureTable& table, std::size_t columns, const std::string& who);
/// Throws Error{UnusableInput} naming the first of these columns that is missing or not finite in one of these rows.
void require_complete(const FeatureTable& table, const std::vector<std::size_t>& columns, const Rows& rows,
                      const std::string& who);
/// The same of the whole table.
void require_complete(const FeatureTable& table, const std::string& who);

/// How a bundle names a patient who fitted a network: "sha256:…" of the id. A model may be given away, the names of its
/// patients may not. A mark stays as it is.
[[nodiscard]] std::string patient_mark(const std::string& id);

}  // namespace gliocast::learn
