#pragma once
#include <gliocast/stats/matrix.hpp>
#include <gliocast/stats/resampling.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace gliocast::learn {

using stats::Rows;

/// Features of examinations, and what is to be predicted of them: all that a learner sees. A row is an examination.
struct FeatureTable {
  std::vector<std::string> features;  ///< names of the columns of `values`, distinct
  stats::Matrix values;               ///< [rows, features]; NaN where missing
  stats::Matrix second_rater;       ///< the same by a second rater, NaN where not measured; no rows where there is none
  std::vector<std::string> ids;     ///< one a row
  std::vector<int> patient;         ///< number of each row's patient, from 0: rows of one patient never part
  std::vector<std::string> centre;  ///< of each row; empty where not known
  std::vector<double> outcome;      ///< class (1 positive, 0 negative), or number to predict; empty or NaN: not known

  [[nodiscard]] std::size_t rows() const noexcept { return values.rows; }
  /// These rows in this order; may repeat.
  [[nodiscard]] FeatureTable take(const Rows& rows) const;
  /// These columns in this order.
  [[nodiscard]] FeatureTable select(const std::vector<std::size_t>& columns) const;
  /// The columns of these names in this order. Throws Error{UnusableInput} naming those that are missing.
  [[nodiscard]] FeatureTable select_named(const std::vector<std::string>& names) const;
  /// The classes as whole numbers, 0 and 1. Throws Error{UnusableInput} where one is something else or only one is
  /// there.
  [[nodiscard]] std::vector<int> classes() const;
};

}  // namespace gliocast::learn
