#include <gliocast/analysis/radiomics_batch.hpp>

#include <gliocast/core/error.hpp>
#include <gliocast/core/files.hpp>
#include <gliocast/core/log.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/core/run_key.hpp>
#include <gliocast/core/table.hpp>
#include <gliocast/core/text.hpp>
#include <gliocast/radiomics/parameters.hpp>

#include <algorithm>
#include <cmath>
#include <set>
#include <string_view>

namespace gliocast::analysis {
namespace {

/// A whole number from `low` in a cell ("2" or "2.0"); nothing where the cell is empty, or where it holds something
/// else, which is then the row's problem.
std::optional<std::uint32_t> whole_number(const std::string& cell, double low, const std::string& what,
                                          std::string& problem) {
  if (cell.empty()) return std::nullopt;
  const auto v = parse_number(cell);
  if (v && *v >= low && *v <= 4294967295.0 && *v == std::floor(*v)) return static_cast<std::uint32_t>(*v);
  problem = "'" + cell.substr(0, 60) + "' is no " + what + ": a whole number from " + shortest(low) + " up is needed";
  return std::nullopt;
}

}  // namespace

BatchTable read_batch(const std::filesystem::path& path) {
  const TextTable table = read_table(path);
  const auto image = table.find_column("Image"), mask = table.find_column("Mask"), label = table.find_column("Label"),
             channel = table.find_column("Label_channel");
  if (!image || !mask) {
    std::string names;
    for (const auto& c : table.columns) names += (names.empty() ? "" : ", ") + c;
    throw unusable_input("needs the columns Image and Mask", path.string(), "its columns are: " + names.substr(0, 300));
  }
  BatchTable out;
  constexpr std::string_view kWarning = "warning: ";  // who tells them says so
  for (const auto& note : table.notes)
    out.warnings.push_back(path.string() + ": " + (note.starts_with(kWarning) ? note.substr(kWarning.size()) : note));
  const auto id = table.find_column("ID");
  const auto at_table = [&](const std::filesystem::path& cell) {
    return cell.is_absolute() ? cell : path.parent_path() / cell;
  };
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    std::vector<std::string> row;
    for (const auto& cell : table.rows[i]) row.emplace_back(trimmed(cell));
    BatchCase c;
    c.line = table.line(i);
    c.id = id && !row[*id].empty() ? row[*id] : "line " + std::to_string(c.line);
    c.image = at_table(row[*image]);
    c.mask = at_table(row[*mask]);
    for (const auto column : {*mask, *image})
      if (row[column].empty()) c.problem = "the cell of column " + table.columns[column] + " is empty";
    if (label) c.label = whole_number(row[*label], 1, "label", c.problem);
    if (channel) c.label_channel = whole_number(row[*channel], 0, "channel of a mask", c.problem);
    for (std::size_t k = 0; k < table.columns.size(); ++k) c.inputs.emplace_back(table.columns[k], row[k]);
    out.cases.push_back(std::move(c));
  }
  if (out.cases.empty()) throw unusable_input("holds no case", path.string());
  const auto& settings = radiomics::setting_names();
  for (std::size_t k = 0; k < table.columns.size(); ++k)
    if (k != label && k != channel && std::ranges::find(settings, table.columns[k]) != settings.end())
      out.warnings.push_back(
          path.string() + ": the column " + table.columns[k] +
          " names a setting, but is only carried over: of a row Label and Label_channel are obeyed, as "
          "in PyRadiomics; --setting gives settings for all rows");
  return out;
}

namespace {

namespace fs = std::filesystem;

/// Changes with everything that a case's numbers come from; of its files with size and time of change.
std::string case_key(const BatchCase& one, const radiomics::Parameters& p) {
  RunKey key("radiomics", 2);
  key.add("settings", radiomics::reported_settings(p));
  for (const auto& [name, own] : p.image_types) key.add(name, own);
  for (const auto& [name, list] : p.feature_classes) key.add(name, Json(list));
  for (const auto& [column, cell] : one.inputs) key.add(column, cell);
  for (const auto& file : {one.image, one.mask}) {
    std::error_code error;
    key.add("size", fs::file_size(file, error));
    key.add("changed", fs::last_write_time(file, error).time_since_epoch().count());
  }
  return key.sha256();
}

/// The row of a case: from an earlier run's part, or computed and put there.
CaseRow row_of(const BatchCase& one, const RadiomicsBatchOptions& o, StageTimer& timer) {
  if (!one.problem.empty()) throw unusable_input(one.problem);
  auto p = o.parameters;
  if (one.label) p.setting["label"] = *one.label;
  if (one.label_channel) p.setting["label_channel"] = *one.label_channel;
  const std::string key = case_key(one, p);
  const fs::path part = fs::path(o.out.string() + ".cases") / (key + ".json");
  if (o.resume)
    if (const auto earlier = earlier_result(part, key)) return row_from_json(*earlier);
  CaseRow row = timer.time("extract", [&] { return extract_case(one.image, one.mask, p, o.threads); });
  row.inputs = one.inputs;
  Json json = row_to_json(row);
  json["run_key"] = key;
  write_json(part, json);
  return row;
}

}  // namespace

RadiomicsBatchResult extract_batch(const BatchTable& table, const RadiomicsBatchOptions& o) {
  std::vector<std::optional<CaseRow>> rows(table.cases.size());
  BatchWork batch{.count = table.cases.size(), .work = {}, .describe = {}};
  batch.work = [&](std::size_t i, StageTimer& timer) { rows[i] = row_of(table.cases[i], o, timer); };
  batch.describe = [&](std::size_t i, const std::string& stage, const std::exception& e) {
    const BatchCase& one = table.cases[i];
    const auto* ours = dynamic_cast<const Error*>(&e);
    const std::string image = one.problem.empty() ? ", " + one.image.string() : "";  // else it may have none
    log_error("line " + std::to_string(one.line) + image + ": " + (ours != nullptr ? "" : "internal fault: ") +
              e.what());
    return Failure{one.id, stage, "line " + std::to_string(one.line) + ": " + e.what(),
                   ours != nullptr ? ours->code() : ExitCode::InternalFault};
  };
  RadiomicsBatchResult result;
  result.failures = run_batch(batch, o.batch);
  result.failures_file = name_of_part(o.out.string() + ".failures", o.batch.shard, ".tsv");
  write_failures(result.failures_file, result.failures);
  std::set<std::string> told;
  std::vector<CaseRow> done;
  for (auto& row : rows) {
    if (!row) continue;
    for (const auto& w : row->warnings)
      if (told.insert(w).second) result.warnings.push_back(w);
    done.push_back(std::move(*row));
  }
  if (!o.batch.shard.whole()) return result;
  write_rows(o.out, done, o.format);
  std::error_code ignored;
  if (result.failures.empty()) fs::remove_all(o.out.string() + ".cases", ignored);
  return result;
}

}  // namespace gliocast::analysis
