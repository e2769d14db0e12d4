#include <gliocast/analysis/survival_characteristics.hpp>

#include <gliocast/analysis/cells.hpp>
#include <gliocast/analysis/survival_groups.hpp>
#include <gliocast/core/error.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/stats/characteristics.hpp>

#include <algorithm>

namespace gliocast::analysis {
namespace {

/// Every column but the outcome, the group, and text with over 20 values (identifiers, free text), which goes to the
/// notes: it may have been meant to hold numbers.
std::vector<std::string> columns_to_describe(const stats::DataFrame& frame, const CharacteristicsOptions& o,
                                             std::vector<std::string>& notes) {
  constexpr std::size_t kMostLevels = 20;
  std::vector<std::string> columns;
  for (const auto& c : frame.columns()) {
    if (c.name == kRowNames || c.name == o.group) continue;
    if (std::ranges::find(o.outcome, c.name) != o.outcome.end()) continue;
    if (!c.is_factor || c.levels.size() <= kMostLevels) {
      columns.push_back(c.name);
      continue;
    }
    const bool numbers = c.source && !c.source->mixture.empty();
    notes.push_back((numbers ? "warning: column \"" : "column \"") + c.name +
                    "\" is left out: " + (numbers ? c.source->mixture + "; so it is " : "it is ") + "text with " +
                    std::to_string(c.levels.size()) + " values, over " + std::to_string(kMostLevels) +
                    (numbers ? "; " + c.source->remedy : "; --columns takes it"));
  }
  return columns;
}

/// Groups of the rows that have one; code −1 of those without.
GroupedRows groups_of(const stats::DataFrame& frame, const std::string& group) {
  if (group.empty()) return group_rows(frame, "");
  const auto column = stats::as_factor(frame.at(group));
  std::vector<std::size_t> known;
  for (std::size_t r = 0; r < frame.rows(); ++r)
    if (!column.missing(r)) known.push_back(r);
  if (known.empty()) throw unusable_input("column \"" + group + "\" is empty", frame.origin());
  GroupedRows groups = group_rows(frame.subset(known), group);
  const auto found = groups.code;
  groups.code.assign(frame.rows(), -1);
  for (std::size_t k = 0; k < known.size(); ++k) groups.code[known[k]] = found[k];
  return groups;
}

void add_row(const std::string& label, const std::vector<std::string>& cells, const stats::Characteristic* tested,
             bool groups, TextTable& table) {
  std::vector<std::string> row{label};
  row.insert(row.end(), groups ? cells.begin() : cells.end() - 1, cells.end());
  if (groups) row.insert(row.end(), {tested ? p_cell(tested->test.p) : "", tested ? tested->test.name : ""});
  table.rows.push_back(std::move(row));
}

/// A variable's lines of the table and its JSON. `k`: groups.
void add_characteristic(const stats::Characteristic& c, std::size_t k, AnalysisOutput& out) {
  Json item{{"variable", c.variable}, {"kind", c.is_factor ? "factor" : "number"},     {"missing", c.missing},
            {"test", c.test.name},    {"statistic", finite_or_null(c.test.statistic)}, {"p", finite_or_null(c.test.p)},
            {"levels", Json::array()}};
  const bool groups = k > 1;
  if (c.is_factor) add_row(c.variable + ", n (%)", std::vector<std::string>(k + 1, ""), &c, groups, out.table);
  for (std::size_t l = 0; l < c.levels.size(); ++l) {
    add_row(c.is_factor ? "  " + c.levels[l] : c.variable + ", median (quartiles)", c.cells[l],
            c.is_factor ? nullptr : &c, groups, out.table);
    item["levels"].push_back({{"level", c.levels[l]}, {"cells", c.cells[l]}});
  }
  if (c.missing.back() > 0) {
    std::vector<std::string> cells;
    for (const std::size_t m : c.missing) cells.push_back(std::to_string(m));
    add_row("  missing", cells, nullptr, groups, out.table);
  }
  out.json["rows"].push_back(std::move(item));
}

}  // namespace

AnalysisOutput characteristics(const stats::DataFrame& table, const CharacteristicsOptions& o) {
  auto columns = o.columns;
  std::vector<std::string> left;
  if (columns.empty()) columns = columns_to_describe(table, o, left);
  for (const auto& name : columns) (void)table.at(name);
  const GroupedRows groups = groups_of(table, o.group);
  const auto left_out = static_cast<std::size_t>(std::ranges::count(groups.code, -1));
  const std::size_t k = groups.labels.size(), n = table.rows() - left_out;
  AnalysisOutput out;
  out.table.columns = {"characteristic"};
  if (k > 1)
    for (std::size_t g = 0; g < k; ++g)
      out.table.columns.push_back(groups.labels[g] + " (n = " + std::to_string(groups.rows[g].size()) + ")");
  out.table.columns.push_back("all (n = " + std::to_string(n) + ")");
  if (k > 1) out.table.columns.insert(out.table.columns.end(), {"p", "test"});
  out.json = {{"group", o.group.empty() ? Json(nullptr) : Json(o.group)},
              {"groups", groups.labels},
              {"n", n},
              {"left_out", left_out},
              {"rows", Json::array()}};
  const auto list = stats::characteristics(table, columns, groups.code, k);
  for (const auto& c : list) add_characteristic(c, k, out);
  auto read = columns;
  if (!o.group.empty()) read.push_back(o.group);
  out.notes = table.notes(read);
  out.notes.insert(out.notes.end(), left.begin(), left.end());
  for (const auto& c : list)
    if (c.test.name.find("simulated") != std::string::npos)
      out.notes.push_back(c.variable +
                          ": too many tables for Fisher's exact test, P is simulated (100000 random tables with the "
                          "same margins, seed 1)");
  if (left_out > 0) out.notes.push_back(std::to_string(left_out) + " rows without a group left out");
  return out;
}

}  // namespace gliocast::analysis
