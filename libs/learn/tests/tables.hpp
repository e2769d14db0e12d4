#pragma once
// Tables and fits that tests of steps share.
#include <gliocast/core/random.hpp>
#include <gliocast/learn/feature_table.hpp>
#include <gliocast/learn/folds.hpp>
#include <gliocast/learn/registry.hpp>
#include <gliocast/learn/selection.hpp>

#include <memory>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

namespace gliocast::learn {

inline FeatureTable table_of_columns(const std::vector<std::vector<double>>& columns) {
  FeatureTable t;
  t.values = stats::Matrix(columns.at(0).size(), columns.size());
  for (std::size_t c = 0; c < columns.size(); ++c) {
    t.features.push_back("f" + std::to_string(c));
    std::ranges::copy(columns[c], t.values.column(c).begin());
  }
  for (std::size_t r = 0; r < t.rows(); ++r) {
    t.ids.push_back("p" + std::to_string(r));
    t.patient.push_back(static_cast<int>(r));
  }
  return t;
}

/// A row a patient p0, p1, …; features f0, f1, ….
inline FeatureTable table_of(const std::vector<std::vector<double>>& rows, const std::vector<double>& outcome) {
  FeatureTable t;
  t.values = stats::Matrix(rows.size(), rows.front().size());
  for (std::size_t c = 0; c < t.values.columns; ++c) t.features.push_back("f" + std::to_string(c));
  for (std::size_t r = 0; r < rows.size(); ++r) {
    for (std::size_t c = 0; c < t.values.columns; ++c) t.values(r, c) = rows[r][c];
    t.ids.push_back("p" + std::to_string(r));
    t.patient.push_back(static_cast<int>(r));
  }
  t.outcome = outcome;
  return t;
}

/// Two classes whose first features differ.
inline FeatureTable random_table(std::size_t rows, std::size_t features, double separation, std::uint64_t seed) {
  Random random(seed, "table", 0);
  std::vector<std::vector<double>> x(rows);
  std::vector<double> y;
  for (std::size_t r = 0; r < rows; ++r) {
    y.push_back(r % 2 == 0 ? 1 : 0);
    for (std::size_t c = 0; c < features; ++c) x[r].push_back(random.normal() + (c < 2 ? separation * y[r] : 0));
  }
  return table_of(x, y);
}

inline Rows first_rows(std::size_t count) {
  Rows rows(count);
  std::iota(rows.begin(), rows.end(), std::size_t{0});
  return rows;
}

/// What a step keeps that fits a selection on all rows.
inline std::shared_ptr<const Selection> selection_of(const FeatureTable& t, const std::string& step,
                                                     const Json& options = Json::object()) {
  return std::dynamic_pointer_cast<const Selection>(make_step(step, options)->fit(t, all_rows(t), {}));
}

}  // namespace gliocast::learn
