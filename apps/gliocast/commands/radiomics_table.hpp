#pragma once
#include <gliocast/core/json.hpp>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace gliocast::cli {

struct CaseFeature {
  std::string name, unit;
  double value = 0;
};

/// One case of a feature table.
struct CaseRow {
  std::vector<std::pair<std::string, std::string>> inputs;  ///< column and cell: Image, Mask, ID …
  Json diagnostics = Json::object();
  std::vector<CaseFeature> features;
};

enum class RowFormat { Csv, Tsv, Json, Tidy };
/// By the ending: .tsv, .json, else CSV. Throws Error{WrongUse} for another one.
[[nodiscard]] RowFormat format_of(const std::filesystem::path& out);
/// Columns of all cases: inputs, diagnostics, features, each in the order of first appearance. Numbers in the shortest
/// form that reads back; tuples and settings as Python prints them.
[[nodiscard]] std::string format_rows(const std::vector<CaseRow>& rows, RowFormat format);
/// Writes; a tidy table gets a JSON data dictionary beside it.
void write_rows(const std::filesystem::path& out, const std::vector<CaseRow>& rows, RowFormat format);

[[nodiscard]] Json row_to_json(const CaseRow& row);
[[nodiscard]] CaseRow row_from_json(const Json& json);

struct BatchCase {
  std::size_t line = 0;
  std::string problem;  ///< why the row cannot be computed; empty where it may
  std::filesystem::path image, mask;
  std::optional<std::uint32_t> label, label_channel;
  std::vector<std::pair<std::string, std::string>> inputs;
};
struct BatchTable {
  std::vector<BatchCase> cases;
  std::vector<std::string> warnings;  ///< columns that look like more than they are
};
/// Cases of a CSV or TSV with columns Image and Mask, as PyRadiomics' batch takes it; relative paths start at the
/// table. Label and Label_channel of a row come before the settings'; other columns are carried over. A row that
/// cannot be computed has its `problem`. Remarks of the reader go to the log.
[[nodiscard]] BatchTable read_batch(const std::filesystem::path& path);

}  // namespace gliocast::cli
