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

std::vector<std::shared_ptr<const ColumnOrigin>> origins_of(const std::vector<std::string>& networks) {
  if (std::ranges::all_of(networks, &std::string::empty)) return {};
  std::vector<std::shared_ptr<const ColumnOrigin>> origins;
  for (const auto& network : networks)
    origins.push_back(network.empty() ? nullptr : std::make_shared<const ColumnOrigin>(ColumnOrigin{network, {}}));
  return origins;
}

FeatureTable FeatureTable::take(const Rows& rows) const {
  return {features,
          rows_of(values, rows),
          rows_of(second_rater, rows),
          items(ids, rows),
          items(patient, rows),
          items(centre, rows),
          items(outcome, rows),
          origins,
          items(patient_names, rows)};
}

FeatureTable FeatureTable::select(const std::vector<std::size_t>& columns) const {
  return {items(features, columns),
          columns_of(values, columns),
          columns_of(second_rater, columns),
          ids,
          patient,
          centre,
          outcome,
          items(origins, columns),
          patient_names};
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

FeatureTable FeatureTable::beside(const FeatureTable& other) const {
  if (other.rows() != rows() || other.ids != ids)
    throw Error(ExitCode::InternalFault, "tables of different rows cannot stand beside each other");
  FeatureTable out = *this;
  out.features.insert(out.features.end(), other.features.begin(), other.features.end());
  out.values = stats::Matrix(rows(), out.features.size());
  std::ranges::copy(values.values, out.values.values.begin());
  std::ranges::copy(other.values.values, out.values.values.begin() + std::ssize(values.values));
  out.second_rater = {};  // of the first alone, it would be of half the columns
  if (origins.empty() && other.origins.empty()) return out;
  out.origins.resize(features.size());
  for (std::size_t c = 0; c < other.features.size(); ++c)
    out.origins.push_back(other.origins.empty() ? nullptr : other.origins[c]);
  return out;
}

const std::string& FeatureTable::network_of(std::size_t feature) const {
  static const std::string none;
  return origins.empty() || !origins[feature] ? none : origins[feature]->network;
}

namespace {

bool has_fitted(const ColumnOrigin& origin, const std::string& patient) {
  const auto& ids = origin.fitted_on;
  return std::ranges::binary_search(ids, patient) || std::ranges::binary_search(ids, patient_mark(patient));
}

}  // namespace

void FeatureTable::refuse_fitted(const Rows& tested) const {
  const auto& names = patient_names.empty() ? ids : patient_names;
  for (std::size_t c = 0; c < origins.size(); ++c) {
    if (!origins[c] || (c > 0 && origins[c] == origins[c - 1])) continue;
    std::vector<std::string> fitted;
    for (const std::size_t r : tested)
      if (has_fitted(*origins[c], names[r]) && std::ranges::find(fitted, names[r]) == fitted.end())
        fitted.push_back(names[r]);
    if (!fitted.empty())
      throw unusable_input("the network that made it was fitted on " + counted(fitted.size(), "patient") +
                               " of those to be tested: " + listed(fitted, kMostNamed),
                           "column " + features[c],
                           "test on other patients, or take features of a network that has not seen these");
  }
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
