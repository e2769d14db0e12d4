#pragma once
#include <gliocast/analysis/radiomics_case.hpp>

#include <filesystem>
#include <string>
#include <vector>

namespace gliocast::analysis {

enum class RowFormat { Csv, Tsv, Json, Tidy };
/// By the ending: .tsv, .json, else CSV. Throws Error{WrongUse} for another one.
[[nodiscard]] RowFormat format_of(const std::filesystem::path& out);
/// Columns of all cases: inputs, diagnostics, features, each in the order of first appearance. Numbers in the shortest
/// form that reads back; tuples and settings as Python prints them.
[[nodiscard]] std::string format_rows(const std::vector<CaseRow>& rows, RowFormat format);
/// Writes; a tidy table gets a JSON data dictionary beside it.
void write_rows(const std::filesystem::path& out, const std::vector<CaseRow>& rows, RowFormat format);

/// A row as JSON that reads back, NaN as null.
[[nodiscard]] Json row_to_json(const CaseRow& row);
/// Throws nlohmann's exception where it is none.
[[nodiscard]] CaseRow row_from_json(const Json& json);

}  // namespace gliocast::analysis
