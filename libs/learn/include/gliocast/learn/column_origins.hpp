#pragma once
#include <gliocast/core/json.hpp>
#include <gliocast/learn/feature_table.hpp>

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace gliocast::learn {

// What a fitted model keeps of the networks that made columns of its training table.

/// What made columns, by name; without measurements.
using ColumnOrigins = std::map<std::string, std::shared_ptr<const ColumnOrigin>>;

/// What made those of the table's columns that a model needs.
[[nodiscard]] ColumnOrigins origins_among(const FeatureTable& table, const std::vector<std::string>& needed);

/// Columns of one network together; patients as marks ("sha256:…"): a model may be given away, the names of its
/// patients may not.
[[nodiscard]] Json origins_json(const ColumnOrigins& origins);
/// What origins_json() wrote. Throws nlohmann's exception where it is something else.
[[nodiscard]] ColumnOrigins read_origins(const Json& json);

/// Throws Error{UnusableInput} naming a column and the patients where the network that made one of the columns `needed`
/// was fitted on one of the rows' patients, as the table knows it or `origins` do: what is said of such rows is
/// flattered. Columns that lack are not looked at.
void refuse_fitted(const ColumnOrigins& origins, const std::vector<std::string>& needed, const FeatureTable& table);

/// Throws Error{UnusableInput} where patients of a second table, which is to test a model of the first, fitted what
/// made a column of either.
void refuse_fitted(const FeatureTable& training, const FeatureTable& external);

/// Throws Error{UnusableInput} naming one of `features` that the table has of another network: it means something else
/// under the same name. `networks`: checksum of each feature's, empty where it is a measurement; empty: all are.
void refuse_other_networks(const std::vector<std::string>& features, const std::vector<std::string>& networks,
                           const FeatureTable& table);

}  // namespace gliocast::learn
