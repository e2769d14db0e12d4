#pragma once
#include <gliocast/stats/matrix.hpp>
#include <gliocast/stats/resampling.hpp>

#include <cmath>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace gliocast::learn {

/// Beyond this a value's square is no number: such cells are taken as missing, as infinite ones.
inline constexpr double kMostMagnitude = 1e150;
[[nodiscard]] inline bool usable(double v) noexcept { return std::abs(v) <= kMostMagnitude; }

using stats::Rows;

/// What made a column where that was fitted itself: a network gives deep features, and knows the patients who fitted
/// it.
struct ColumnOrigin {
  std::string network;                 ///< checksum of its bundle: column 17 of another network is another feature
  std::vector<std::string> fitted_on;  ///< ids of the patients who fitted it, ascending

  friend bool operator==(const ColumnOrigin&, const ColumnOrigin&) = default;
};

/// Origins of columns by their networks' checksums (empty: a measurement), of patients that are not known; empty where
/// all are measurements.
[[nodiscard]] std::vector<std::shared_ptr<const ColumnOrigin>> origins_of(const std::vector<std::string>& networks);

/// Features of examinations, and what is to be predicted of them: all that a learner sees. A row is an examination.
struct FeatureTable {
  std::vector<std::string> features;  ///< names of the columns of `values`, distinct
  stats::Matrix values;               ///< [rows, features]; NaN where missing
  stats::Matrix second_rater;       ///< the same by a second rater, NaN where not measured; no rows where there is none
  std::vector<std::string> ids;     ///< one a row
  std::vector<int> patient;         ///< number of each row's patient, from 0: rows of one patient never part
  std::vector<std::string> centre;  ///< of each row; empty where not known
  std::vector<double> outcome;      ///< class (1 positive, 0 negative), or number to predict; empty or NaN: not known
  /// One a feature, null where it is a measurement; empty: all are.
  std::vector<std::shared_ptr<const ColumnOrigin>> origins;
  std::vector<std::string> patient_names;  ///< of each row, as `fitted_on` names patients; empty: the ids

  [[nodiscard]] std::size_t rows() const noexcept { return values.rows; }
  /// These rows in this order; may repeat.
  [[nodiscard]] FeatureTable take(const Rows& rows) const;
  /// These columns in this order.
  [[nodiscard]] FeatureTable select(const std::vector<std::size_t>& columns) const;
  /// The columns of these names in this order. Throws Error{UnusableInput} naming those that are missing.
  [[nodiscard]] FeatureTable select_named(const std::vector<std::string>& names) const;
  /// The columns of another table of the same rows behind these. Throws Error{InternalFault} where rows differ.
  [[nodiscard]] FeatureTable beside(const FeatureTable& other) const;
  /// Checksum of the network that made a feature; empty where it is a measurement.
  [[nodiscard]] const std::string& network_of(std::size_t feature) const;
  /// Throws Error{UnusableInput} naming a column and the patients where one of these rows is of a patient who fitted
  /// the column's network: such features flatter it, and rows with them are no test.
  void refuse_fitted(const Rows& tested) const;
  /// The classes as whole numbers, 0 and 1. Throws Error{UnusableInput} where one is something else or only one is
  /// there.
  [[nodiscard]] std::vector<int> classes() const;
};

}  // namespace gliocast::learn
