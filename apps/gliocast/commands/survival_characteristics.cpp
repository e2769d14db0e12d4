// gliocast survival characteristics: Table 1.
#include "statistics_output.hpp"
#include "survival_commands.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/stats/characteristics.hpp>

#include <memory>

namespace gliocast::cli {
namespace {

struct Settings {
  StatisticsArguments common;
  std::string group;
  std::vector<std::string> columns;
};

/// Every column but the outcome, the group, and text with over 20 values (identifiers, free text), which goes to the
/// notes: it may have been meant to hold numbers.
std::vector<std::string> columns_to_describe(const stats::DataFrame& frame, const Settings& s,
                                             std::vector<std::string>& notes) {
  constexpr std::size_t kMostLevels = 20;
  std::vector<std::string> columns;
  for (const auto& c : frame.columns()) {
    if (c.name == kRowNames || c.name == s.group) continue;
    if (c.name == s.common.outcome.time || c.name == s.common.outcome.event) continue;
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

void run_characteristics(const Settings& s) {
  const auto frame = load_table(s.common);
  auto columns = s.columns;
  std::vector<std::string> left;
  if (columns.empty()) columns = columns_to_describe(frame, s, left);
  for (const auto& name : columns) (void)frame.at(name);
  GroupedRows groups;
  std::size_t left_out = 0;
  if (s.group.empty()) {
    groups = group_rows(frame, "");
  } else {
    const auto rows = stats::as_factor(frame.at(s.group));
    std::vector<std::size_t> known;
    for (std::size_t r = 0; r < frame.rows(); ++r)
      if (!rows.missing(r)) known.push_back(r);
    left_out = frame.rows() - known.size();
    if (known.empty()) throw unusable_input("column \"" + s.group + "\" is empty", frame.origin());
    const auto found = group_rows(frame.subset(known), s.group);
    groups.labels = found.labels;
    groups.rows = found.rows;
    groups.code.assign(frame.rows(), -1);
    for (std::size_t k = 0; k < known.size(); ++k) groups.code[known[k]] = found.code[k];
  }
  const std::size_t k = groups.labels.size();
  const auto list = stats::characteristics(frame, columns, groups.code, k);
  TextTable out{{"characteristic"}, {}};
  if (k > 1)
    for (std::size_t g = 0; g < k; ++g)
      out.columns.push_back(groups.labels[g] + " (n = " + std::to_string(groups.rows[g].size()) + ")");
  out.columns.push_back("all (n = " + std::to_string(frame.rows() - left_out) + ")");
  if (k > 1) out.columns.insert(out.columns.end(), {"p", "test"});
  Json json{{"group", s.group.empty() ? Json(nullptr) : Json(s.group)},
            {"groups", groups.labels},
            {"n", frame.rows() - left_out},
            {"left_out", left_out},
            {"rows", Json::array()}};
  const auto add_row = [&](const std::string& label, const std::vector<std::string>& cells,
                           const stats::Characteristic* tested) {
    std::vector<std::string> row{label};
    row.insert(row.end(), k > 1 ? cells.begin() : cells.end() - 1, cells.end());
    if (k > 1) row.insert(row.end(), {tested ? p_cell(tested->test.p) : "", tested ? tested->test.name : ""});
    out.rows.push_back(std::move(row));
  };
  for (const auto& c : list) {
    Json item{
        {"variable", c.variable}, {"kind", c.is_factor ? "factor" : "number"},     {"missing", c.missing},
        {"test", c.test.name},    {"statistic", finite_or_null(c.test.statistic)}, {"p", finite_or_null(c.test.p)},
        {"levels", Json::array()}};
    if (c.is_factor) add_row(c.variable + ", n (%)", std::vector<std::string>(k + 1, ""), &c);
    for (std::size_t l = 0; l < c.levels.size(); ++l) {
      add_row(c.is_factor ? "  " + c.levels[l] : c.variable + ", median (quartiles)", c.cells[l],
              c.is_factor ? nullptr : &c);
      item["levels"].push_back({{"level", c.levels[l]}, {"cells", c.cells[l]}});
    }
    if (c.missing.back() > 0) {
      std::vector<std::string> cells;
      for (const std::size_t m : c.missing) cells.push_back(std::to_string(m));
      add_row("  missing", cells, nullptr);
    }
    json["rows"].push_back(std::move(item));
  }
  auto read = columns;
  if (!s.group.empty()) read.push_back(s.group);
  std::vector<std::string> notes = frame.notes(read);
  notes.insert(notes.end(), left.begin(), left.end());
  for (const auto& c : list)
    if (c.test.name.find("simulated") != std::string::npos)
      notes.push_back(c.variable +
                      ": too many tables for Fisher's exact test, P is simulated (100000 random tables with the same "
                      "margins, seed 1)");
  if (left_out > 0) notes.push_back(std::to_string(left_out) + " rows without a group left out");
  emit(s.common, out, json, notes);
}

}  // namespace

void add_survival_characteristics(CLI::App& survival, int& result) {
  auto t = std::make_shared<Settings>();
  auto* table1 =
      survival.add_subcommand("characteristics", "Table 1: columns described by group, with the right test for each");
  add_statistics_options(*table1, t->common, true);
  table1->get_option("--time")->required(false);
  table1->get_option("--event")->required(false);
  table1->add_option("--group", t->group, "Column of groups");
  table1
      ->add_option("--columns", t->columns,
                   "Columns to describe; default: all but outcome, group, and text with over 20 values")
      ->delimiter(',');
  table1->footer(
      "Example: gliocast survival characteristics lung.csv --group sex --columns age,ph.ecog --out table1.md\n"
      "Numbers: median (quartiles), Mann-Whitney or Kruskal-Wallis; factors: n (%), chi-square, or Fisher's exact test "
      "where an expected count is below 5\n"
      "(simulated where the table is too large for it). The column \"test\" says which.");
  table1->callback([t, &result] { run_characteristics(*t), result = 0; });
}

}  // namespace gliocast::cli
