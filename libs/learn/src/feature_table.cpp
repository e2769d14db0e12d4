#include <gliocast/learn/feature_table.hpp>

#include "columns.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/text.hpp>

#include <algorithm>
#include <unordered_map>

namespace gliocast::learn {
namespace {

stats::Matrix rows_of(const stats::Matrix& m, const Rows& rows) {
  if (m.rows == 0) return m;
  stats::Matrix out(rows.size(), m.columns);
  for (std::size_t c = 0; c < m.columns; ++c) {
    const auto from = m.column(c);
    const auto to = out.column(c);
    for (std::size_t i = 0; i < rows.size(); ++i) to[i] = from[rows[i]];
  }
  return out;
}

stats::Matrix columns_of(const stats::Matrix& m, const std::vector<std::size_t>& columns) {
  if (m.rows == 0) return m;
  stats::Matrix out(m.rows, columns.size());
  for (std::size_t c = 0; c < columns.size(); ++c) std::ranges::copy(m.column(columns[c]), out.column(c).begin());
  return out;
}

template <class T>
std::vector<T> items(const std::vector<T>& all, const Rows& rows) {
  std::vector<T> out;
  if (all.empty()) return out;
  out.reserve(rows.size());
  for (const std::size_t r : rows) out.push_back(all[r]);
  return out;
}

}  // namespace

FeatureTable FeatureTable::take(const Rows& rows) const {
  return {features,
          rows_of(values, rows),
          rows_of(second_rater, rows),
          items(ids, rows),
          items(patient, rows),
          items(centre, rows),
          items(outcome, rows)};
}

FeatureTable FeatureTable::select(const std::vector<std::size_t>& columns) const {
  return {items(features, columns),
          columns_of(values, columns),
          columns_of(second_rater, columns),
          ids,
          patient,
          centre,
          outcome};
}

FeatureTable FeatureTable::select_named(const std::vector<std::string>& names) const {
  std::unordered_map<std::string, std::size_t> place;
  for (std::size_t c = 0; c < features.size(); ++c) place.emplace(features[c], c);
  std::vector<std::size_t> columns;
  std::vector<std::string> lacking;
  for (const auto& name : names)
    if (const auto at = place.find(name); at != place.end())
      columns.push_back(at->second);
    else
      lacking.push_back(name);
  if (!lacking.empty())
    throw unusable_input("the table lacks " + std::to_string(lacking.size()) + " of " + std::to_string(names.size()) +
                             " columns that the model needs: " + listed(lacking, kMostNamed),
                         "", "compute the features with the settings of the model's training table");
  return select(columns);
}

std::vector<int> FeatureTable::classes() const {
  std::vector<int> out;
  std::size_t positive = 0;
  for (std::size_t r = 0; r < rows(); ++r) {
    const double y = r < outcome.size() ? outcome[r] : -1;
    if (y != 0 && y != 1) throw unusable_input("row " + ids.at(r) + " has no class");
    positive += y == 1 ? 1 : 0;
    out.push_back(static_cast<int>(y));
  }
  if (positive == 0 || positive == out.size())
    throw unusable_input("all " + std::to_string(out.size()) + " rows are of one class: there is nothing to learn");
  return out;
}

}  // namespace gliocast::learn
