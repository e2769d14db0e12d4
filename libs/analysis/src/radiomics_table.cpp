#include <gliocast/analysis/radiomics_table.hpp>

#include <gliocast/core/error.hpp>
#include <gliocast/core/files.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/core/table.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

namespace gliocast::analysis {
namespace {

/// A float as Python prints it: 1.0, not 1.
std::string python_float(double v) {
  if (std::isnan(v)) return "nan";
  std::string text = shortest(v);
  return text.find_first_of(".einf") == std::string::npos ? text + ".0" : text;
}

/// A value as Python prints it; lists of diagnostics are tuples there.
std::string python_text(const Json& v, bool nested = false) {
  if (v.is_null()) return "None";
  if (v.is_boolean()) return v.get<bool>() ? "True" : "False";
  if (v.is_string()) return nested ? "'" + v.get<std::string>() + "'" : v.get<std::string>();
  if (v.is_number_float()) return python_float(v.get<double>());
  if (v.is_array()) {
    std::string out;
    for (const auto& x : v) out += (out.empty() ? "" : ", ") + python_text(x, true);
    return nested ? "[" + out + "]" : "(" + out + ")";
  }
  if (v.is_object()) {
    std::string out;
    for (const auto& [key, x] : v.items()) out += (out.empty() ? "'" : ", '") + key + "': " + python_text(x, true);
    return "{" + out + "}";
  }
  return v.dump();
}

void add_column(std::vector<std::string>& columns, const std::string& name) {
  if (std::ranges::find(columns, name) == columns.end()) columns.push_back(name);
}

TextTable wide_table(const std::vector<CaseRow>& rows) {
  TextTable table;
  for (const auto& r : rows)
    for (const auto& [column, cell] : r.inputs) add_column(table.columns, column);
  for (const auto& r : rows)
    for (const auto& [key, value] : r.diagnostics.items()) add_column(table.columns, key);
  const std::size_t first_feature = table.columns.size();
  std::vector<std::string> previous;
  for (const auto& r : rows) {
    std::vector<std::string> names;
    for (const auto& f : r.features) names.push_back(f.name);
    if (names == previous) continue;  // the common case: one set of features for all
    for (const auto& n : names)
      if (std::find(table.columns.begin() + static_cast<std::ptrdiff_t>(first_feature), table.columns.end(), n) ==
          table.columns.end())
        table.columns.push_back(n);
    previous = std::move(names);
  }
  for (const auto& r : rows) {
    std::map<std::string, std::string> cells;
    for (const auto& [column, cell] : r.inputs) cells[column] = cell;
    for (const auto& [key, value] : r.diagnostics.items()) cells[key] = python_text(value);
    for (const auto& f : r.features) cells[f.name] = std::isnan(f.value) ? "nan" : python_float(f.value);
    table.rows.emplace_back();
    for (const auto& c : table.columns) table.rows.back().push_back(cells[c]);
  }
  return table;
}

/// "wavelet-LLH_glcm_Contrast" → its three parts.
std::array<std::string, 3> parts_of(const std::string& name) {
  const std::size_t last = name.rfind('_'), middle = name.rfind('_', last - 1);
  return {name.substr(0, middle), name.substr(middle + 1, last - middle - 1), name.substr(last + 1)};
}

TextTable tidy_table(const std::vector<CaseRow>& rows) {
  TextTable table;
  for (const auto& r : rows)
    for (const auto& [column, cell] : r.inputs) add_column(table.columns, column);
  const std::size_t inputs = table.columns.size();
  for (const char* c : {"image_type", "class", "feature", "value", "unit"}) table.columns.emplace_back(c);
  for (const auto& r : rows)
    for (const auto& f : r.features) {
      std::vector<std::string> cells;
      for (std::size_t k = 0; k < inputs; ++k) {
        const auto found = std::ranges::find(r.inputs, table.columns[k], [](const auto& p) { return p.first; });
        cells.push_back(found == r.inputs.end() ? "" : found->second);
      }
      for (const auto& part : parts_of(f.name)) cells.push_back(part);
      cells.push_back(std::isnan(f.value) ? "n/a" : shortest(f.value));
      cells.push_back(f.unit);
      table.rows.push_back(std::move(cells));
    }
  return table;
}

Json json_rows(const std::vector<CaseRow>& rows) {
  Json out = Json::array();
  for (const auto& r : rows) {
    Json one = Json::object();
    for (const auto& [column, cell] : r.inputs) one[column] = cell;
    one.update(r.diagnostics);
    for (const auto& f : r.features) one[f.name] = finite_or_null(f.value);
    out.push_back(one);
  }
  return out;
}

}  // namespace

RowFormat format_of(const std::filesystem::path& out) {
  const std::string ending = out.extension().string();
  if (out.empty() || ending == ".csv") return RowFormat::Csv;
  if (ending == ".tsv") return RowFormat::Tsv;
  if (ending == ".json") return RowFormat::Json;
  throw Error(ExitCode::WrongUse, "the output's ending must be .csv, .tsv or .json", out.string());
}

std::string format_rows(const std::vector<CaseRow>& rows, RowFormat format) {
  switch (format) {
    case RowFormat::Json:
      return json_rows(rows).dump(1) + "\n";
    case RowFormat::Tidy:
      return format_table(tidy_table(rows), '\t');
    case RowFormat::Tsv:
      return format_table(wide_table(rows), '\t');
    case RowFormat::Csv:
      break;
  }
  return format_table(wide_table(rows), ',');
}

void write_rows(const std::filesystem::path& out, const std::vector<CaseRow>& rows, RowFormat format) {
  write_text(out, format_rows(rows, format));
  if (format == RowFormat::Tidy)
    write_json(out.string() + ".dictionary.json",
               {{"image_type", {{"Description", "image that the feature is of: original or filtered"}}},
                {"class", {{"Description", "class of features, PyRadiomics' name"}}},
                {"feature", {{"Description", "feature, PyRadiomics' name and definition"}}},
                {"value", {{"Description", "its value; n/a where undefined"}}},
                {"unit", {{"Description", "unit of the value; intensity is the image's own"}}}});
}

Json row_to_json(const CaseRow& row) {
  Json features = Json::array();
  for (const auto& f : row.features) features.push_back({f.name, f.unit, finite_or_null(f.value)});
  Json inputs = Json::array();
  for (const auto& [column, cell] : row.inputs) inputs.push_back({column, cell});
  return {{"inputs", inputs}, {"diagnostics", row.diagnostics}, {"features", features}};
}

CaseRow row_from_json(const Json& json) {
  CaseRow row;
  for (const auto& i : json.at("inputs")) row.inputs.emplace_back(i.at(0), i.at(1));
  row.diagnostics = json.at("diagnostics");
  for (const auto& f : json.at("features")) row.features.push_back({f.at(0), f.at(1), number_or_nan(f.at(2))});
  return row;
}

}  // namespace gliocast::analysis
