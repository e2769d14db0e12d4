#include <gliocast/learn/column_origins.hpp>

#include "columns.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/learn/folds.hpp>

#include <algorithm>
#include <set>
#include <utility>

namespace gliocast::learn {

ColumnOrigins origins_among(const FeatureTable& table, const std::vector<std::string>& needed) {
  ColumnOrigins origins;
  for (std::size_t c = 0; c < table.origins.size(); ++c)
    if (table.origins[c] && std::ranges::find(needed, table.features[c]) != needed.end())
      origins[table.features[c]] = table.origins[c];
  return origins;
}

Json origins_json(const ColumnOrigins& origins) {
  Json json = Json::array();
  std::vector<std::shared_ptr<const ColumnOrigin>> told;
  for (const auto& of_column : origins) {
    const auto& origin = of_column.second;
    const auto at = std::ranges::find_if(told, [&](const auto& other) { return *other == *origin; });
    const auto place = static_cast<std::size_t>(at - told.begin());
    if (at == told.end()) {
      std::vector<std::string> marks;
      for (const auto& id : origin->fitted_on) marks.push_back(patient_mark(id));
      std::ranges::sort(marks);
      json.push_back({{"network", origin->network}, {"fitted_on", marks}, {"columns", Json::array()}});
      told.push_back(origin);
    }
    json[place]["columns"].push_back(of_column.first);
  }
  return json;
}

ColumnOrigins read_origins(const Json& json) {
  ColumnOrigins origins;
  for (const auto& item : json) {
    auto fitted_on = item.at("fitted_on").get<std::vector<std::string>>();
    std::ranges::sort(fitted_on);
    const auto origin =
        std::make_shared<const ColumnOrigin>(ColumnOrigin{item.at("network").get<std::string>(), std::move(fitted_on)});
    for (const auto& column : item.at("columns")) origins[column.get<std::string>()] = origin;
  }
  return origins;
}

void refuse_fitted(const ColumnOrigins& origins, const std::vector<std::string>& needed, const FeatureTable& table) {
  const std::set<std::string> names(needed.begin(), needed.end());
  std::vector<std::size_t> columns;
  for (std::size_t c = 0; c < table.features.size(); ++c)
    if (names.contains(table.features[c])) columns.push_back(c);
  FeatureTable read = table.select(columns);
  const auto rows = all_rows(read);
  read.refuse_fitted(rows);
  read.origins.clear();
  for (const auto& feature : read.features) {
    const auto at = origins.find(feature);
    read.origins.push_back(at == origins.end() ? nullptr : at->second);
  }
  read.refuse_fitted(rows);
}

void refuse_fitted(const FeatureTable& training, const FeatureTable& external) {
  const auto rows = all_rows(external);
  external.refuse_fitted(rows);
  if (training.origins.empty()) return;
  FeatureTable as_first = external.select({});
  as_first.features = training.features;
  as_first.origins = training.origins;
  as_first.refuse_fitted(rows);
}

void refuse_other_networks(const std::vector<std::string>& features, const std::vector<std::string>& networks,
                           const FeatureTable& table) {
  if (networks.empty() && table.origins.empty()) return;
  for (std::size_t i = 0; i < features.size(); ++i) {
    const auto at = std::ranges::find(table.features, features[i]);
    if (at == table.features.end()) continue;
    const std::string network = networks.empty() ? "" : networks[i];
    if (table.network_of(static_cast<std::size_t>(at - table.features.begin())) == network) continue;
    throw unusable_input("is not of the network that made it in the model's training table", "column " + *at,
                         network.empty() ? "the model was fitted on a measurement of that name"
                                         : "compute it with the network of checksum " + network);
  }
}

}  // namespace gliocast::learn
