#pragma once
#include <gliocast/learn/feature_table.hpp>

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace gliocast::analysis {

/// What a column of a table is.
struct ColumnDescription {
  std::string description, units;
  /// The network that made it, and the patients who fitted that; null where it is a measurement.
  std::shared_ptr<const learn::ColumnOrigin> origin;
};

/// Columns by name, as the JSON beside a table describes them (BIDS): {"column": {"Description": …, "Units": …}}. A
/// column that a fitted network made has "Network", the checksum of its bundle, and "FittedOn", ids of patients.
using DataDictionary = std::map<std::string, ColumnDescription>;

/// The file beside a table: features.tsv → features.json.
[[nodiscard]] std::filesystem::path dictionary_beside(const std::filesystem::path& table);

/// Reads a dictionary; other keys of a column are left alone. Throws Error{UnusableInput} naming `source` and the
/// column: no JSON, no object of objects, a column twice, a network without its patients or the other way round, more
/// than one network.
[[nodiscard]] DataDictionary parse_data_dictionary(const std::string& text, const std::string& source);

/// The dictionary beside a table; empty where there is none. JSON beside another table than .tsv that is no object of
/// objects is taken as something else, unless it names patients who fitted a network ("FittedOn").
[[nodiscard]] DataDictionary read_data_dictionary(const std::filesystem::path& table);
/// Writes it beside a table. Throws Error{CannotWrite}.
void write_data_dictionary(const std::filesystem::path& table, const DataDictionary& dictionary);

/// What made each of these features; empty where all are measurements.
[[nodiscard]] std::vector<std::shared_ptr<const learn::ColumnOrigin>> origins_of(
    const std::vector<std::string>& features, const DataDictionary& dictionary);

}  // namespace gliocast::analysis
