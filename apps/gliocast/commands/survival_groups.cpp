// gliocast survival cutpoint, characteristics: making groups, and describing them.
#include "statistics_output.hpp"
#include "survival_commands.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/report/survival_figures.hpp>
#include <gliocast/stats/characteristics.hpp>
#include <gliocast/stats/spline.hpp>
#include <gliocast/survival/cut_point.hpp>

#include <algorithm>
#include <cmath>
#include <memory>

namespace gliocast::cli {
namespace {

struct Settings {
  StatisticsArguments common;
  std::string value, group;
  std::filesystem::path validation;
  std::vector<std::string> columns;
  double least = 0.1;
};

/// Groups above and at most a cut, compared by the log-rank test.
Json cut_json(const survival::SurvivalFrame& used, const std::vector<double>& values, double cut) {
  std::vector<int> high;
  for (const double v : values) high.push_back(v > cut);
  Json json{{"cut", cut}, {"low", std::ranges::count(high, 0)}, {"high", std::ranges::count(high, 1)}, {"chi_square", nullptr}, {"p", nullptr}};
  if (json["low"] == 0 || json["high"] == 0 || used.events == 0) return json;
  const auto test = survival::log_rank(used.sample, high, {"low", "high"});
  json["chi_square"] = finite(test.chi_square);
  json["p"] = finite(test.p);
  return json;
}

double number_of(const Json& json, const char* key) { return json.at(key).is_number() ? json.at(key).get<double>() : NAN; }

void run_cutpoint(const Settings& s) {
  const auto used = survival::make_survival_frame(load_table(s.common), s.common.outcome, {s.value});
  const auto& values = used.frame.numeric(s.value).numbers;
  const auto search = survival::search_cut_point(used.sample, values, s.least);
  const auto& best = search.cuts[search.best];
  auto sorted = values;
  std::ranges::sort(sorted);
  Json json{{"value", s.value}, {"n", used.frame.rows()}, {"events", used.events}, {"left_out", used.left_out}, {"least_share", s.least}, {"best", cut_json(used, values, best.cut)}, {"median", cut_json(used, values, stats::sorted_quantile(sorted, 0.5))}};
  json["best"]["statistic"] = best.statistic;
  json["best"]["p_corrected"] = search.p_corrected;
  auto notes = used.notes;
  survival::SurvivalFrame other;
  std::vector<double> other_values;
  if (!s.validation.empty()) {
    auto arguments = s.common;
    arguments.table = s.validation;
    other = survival::make_survival_frame(load_table(arguments), s.common.outcome, {s.value});
    other_values = other.frame.numeric(s.value).numbers;
    json["validation"] = {{"n", other.frame.rows()}, {"events", other.events}, {"best", cut_json(other, other_values, best.cut)}};
  }
  TextTable out{{"cut", "low", "high", "statistic"}, {}};
  if (!s.validation.empty()) out.columns.push_back("validation_chi_square");
  json["cuts"] = Json::array();
  report::XySeries training{"training", {}, {}, {}, {}, false, false}, validation{"validation", {}, {}, {}, {}, false, true};
  for (const auto& c : search.cuts) {
    Json item{{"cut", c.cut}, {"low", c.low}, {"high", c.high}, {"statistic", c.statistic}};
    out.rows.push_back({cell(c.cut), std::to_string(c.low), std::to_string(c.high), cell(c.statistic)});
    training.x.push_back(c.cut), training.y.push_back(c.statistic * c.statistic);
    if (!s.validation.empty()) {
      const double chi = number_of(cut_json(other, other_values, c.cut), "chi_square");
      item["validation_chi_square"] = finite(chi);
      out.rows.back().push_back(cell(chi));
      if (std::isfinite(chi)) validation.x.push_back(c.cut), validation.y.push_back(chi);
    }
    json["cuts"].push_back(std::move(item));
  }
  if (!s.common.figure.empty()) {
    report::XyFigure figure{"", "Cut of " + s.value, "Log-rank chi-square", training.x.front(), training.x.back(), 0, 1, false, false, true, {training}};
    if (!validation.x.empty()) figure.series.push_back(validation);
    if (figure.x_high <= figure.x_low) figure.x_low -= 1, figure.x_high += 1;
    for (const auto& series : figure.series) figure.y_high = std::max(figure.y_high, 1.1 * *std::ranges::max_element(series.y));
    report::draw_xy(s.common.figure, figure);
  }
  notes.push_back("best cut: " + s.value + " <= " + cell(best.cut) + " (" + std::to_string(best.low) + " rows) against above (" + std::to_string(best.high) + "), log-rank P " + p_cell(number_of(json["best"], "p")) + ", corrected for the search " + p_cell(search.p_corrected));
  notes.push_back("median cut: " + cell(number_of(json["median"], "cut")) + ", log-rank P " + p_cell(number_of(json["median"], "p")));
  if (!s.validation.empty()) notes.push_back("best cut on the validation table: log-rank P " + p_cell(number_of(json["validation"]["best"], "p")));
  emit(s.common, out, json, notes);
}

void run_characteristics(const Settings& s) {
  const auto frame = load_table(s.common);
  auto columns = s.columns;
  if (columns.empty())
    for (const auto& c : frame.columns()) {
      const bool name_like = c.is_factor && c.levels.size() > 20;  // identifiers, free text
      if (c.name != s.group && c.name != s.common.outcome.time && c.name != s.common.outcome.event && !name_like) columns.push_back(c.name);
    }
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
    for (std::size_t g = 0; g < k; ++g) out.columns.push_back(groups.labels[g] + " (n = " + std::to_string(groups.rows[g].size()) + ")");
  out.columns.push_back("all (n = " + std::to_string(frame.rows() - left_out) + ")");
  if (k > 1) out.columns.insert(out.columns.end(), {"p", "test"});
  Json json{{"group", s.group.empty() ? Json(nullptr) : Json(s.group)}, {"groups", groups.labels}, {"n", frame.rows() - left_out}, {"left_out", left_out}, {"rows", Json::array()}};
  const auto add_row = [&](const std::string& label, const std::vector<std::string>& cells, const stats::Characteristic* tested) {
    std::vector<std::string> row{label};
    row.insert(row.end(), k > 1 ? cells.begin() : cells.end() - 1, cells.end());
    if (k > 1) row.insert(row.end(), {tested ? p_cell(tested->test.p) : "", tested ? tested->test.name : ""});
    out.rows.push_back(std::move(row));
  };
  for (const auto& c : list) {
    Json item{{"variable", c.variable}, {"kind", c.is_factor ? "factor" : "number"}, {"missing", c.missing}, {"test", c.test.name}, {"statistic", finite(c.test.statistic)}, {"p", finite(c.test.p)}, {"levels", Json::array()}};
    if (c.is_factor) add_row(c.variable + ", n (%)", std::vector<std::string>(k + 1, ""), &c);
    for (std::size_t l = 0; l < c.levels.size(); ++l) {
      add_row(c.is_factor ? "  " + c.levels[l] : c.variable + ", median (quartiles)", c.cells[l], c.is_factor ? nullptr : &c);
      item["levels"].push_back({{"level", c.levels[l]}, {"cells", c.cells[l]}});
    }
    if (c.missing.back() > 0) {
      std::vector<std::string> cells;
      for (const std::size_t m : c.missing) cells.push_back(std::to_string(m));
      add_row("  missing", cells, nullptr);
    }
    json["rows"].push_back(std::move(item));
  }
  std::vector<std::string> notes;
  if (left_out > 0) notes.push_back(std::to_string(left_out) + " rows without a group left out");
  emit(s.common, out, json, notes);
}

}  // namespace

void add_survival_groups(CLI::App& survival, int& result) {
  auto s = std::make_shared<Settings>();
  auto* cut = survival.add_subcommand("cutpoint", "Best cut of a value: all cuts, maximally selected log-rank statistic with a corrected P, training and validation; the median cut beside it");
  add_statistics_options(*cut, s->common, true);
  add_figure_option(*cut, s->common);
  cut->add_option("--value", s->value, "Column to cut; rows with a value up to the cut are the low group")->required();
  cut->add_option("--least", s->least, "Least share of rows on each side")->check(CLI::Range(0.01, 0.49))->capture_default_str();
  cut->add_option("--validation", s->validation, "A second table with the same columns on which the cuts are tried");
  cut->footer("Example: gliocast survival cutpoint training.csv --time time --event status --value score --validation test.csv --figure map.pdf");
  cut->callback([s, &result] { run_cutpoint(*s), result = 0; });

  auto t = std::make_shared<Settings>();
  auto* table1 = survival.add_subcommand("characteristics", "Table 1: columns described by group, with the right test for each");
  add_statistics_options(*table1, t->common, true);
  table1->get_option("--time")->required(false);
  table1->get_option("--event")->required(false);
  table1->add_option("--group", t->group, "Column of groups");
  table1->add_option("--columns", t->columns, "Columns to describe; default: all but outcome, group, and text with over 20 values")->delimiter(',');
  table1->footer("Example: gliocast survival characteristics lung.csv --group sex --columns age,ph.ecog --out table1.md\n"
                 "Numbers: median (quartiles), Mann-Whitney or Kruskal-Wallis; factors: n (%), chi-square, or Fisher's exact test where an expected count is below 5.");
  table1->callback([t, &result] { run_characteristics(*t), result = 0; });
}

}  // namespace gliocast::cli
