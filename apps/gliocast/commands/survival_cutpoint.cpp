// gliocast survival cutpoint: the cut, or the two cuts, of a value that separate survival best.
#include "statistics_output.hpp"
#include "survival_commands.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/core/quantile.hpp>
#include <gliocast/report/survival_figures.hpp>
#include <gliocast/stats/spline.hpp>
#include <gliocast/survival/cut_point.hpp>
#include <gliocast/survival/log_rank.hpp>

#include <algorithm>
#include <cmath>
#include <memory>

namespace gliocast::cli {
namespace {

struct Settings {
  StatisticsArguments common;
  std::string value;
  std::filesystem::path validation;
  double least = 0.1;
  std::size_t cuts = 1, permutations = 1000;
  std::uint64_t seed = 1;
};

/// A table's rows that can be used, and the values to cut.
struct Values {
  survival::SurvivalFrame used;
  std::vector<double> numbers;
};

/// `coding`: that of the events in the training table, where this is the validation table.
Values read_values(const Settings& s, const std::filesystem::path& file, const std::string& coding = {}) {
  auto arguments = s.common;
  arguments.table = file;
  arguments.outcome.coding = coding;
  Values v{survival::make_survival_frame(load_table(arguments), arguments.outcome, {s.value}), {}};
  v.numbers = v.used.frame.numeric(s.value).numbers;
  return v;
}

void add_validation_notes(const Values& other, std::vector<std::string>& notes) {
  constexpr std::string_view kWarning = "warning: ";
  for (const auto& n : other.used.notes) {
    const bool warning = n.starts_with(kWarning);
    notes.push_back((warning ? "warning: validation table: " : "validation table: ") +
                    n.substr(warning ? kWarning.size() : 0));
  }
}

/// Log-rank test of the groups that ascending cuts make; null where a group has no row.
Json cuts_test(const Values& v, const std::vector<double>& cuts) {
  std::vector<int> group;
  for (const double x : v.numbers) group.push_back(static_cast<int>(std::ranges::lower_bound(cuts, x) - cuts.begin()));
  Json json{{"chi_square", nullptr}, {"p", nullptr}};
  std::vector<std::string> labels =
      cuts.size() == 1 ? std::vector<std::string>{"low", "high"} : std::vector<std::string>{"low", "middle", "high"};
  bool empty = v.used.events == 0;
  for (std::size_t g = 0; g < labels.size(); ++g) {
    json[labels[g]] = std::ranges::count(group, static_cast<int>(g));
    empty = empty || json[labels[g]] == 0;
  }
  if (empty) return json;
  const auto test = survival::log_rank(v.used.sample, group, labels);
  json["chi_square"] = finite_or_null(test.statistic);
  json["p"] = finite_or_null(test.p);
  return json;
}

double number_of(const Json& json, const char* key) {
  return json.at(key).is_number() ? json.at(key).get<double>() : NAN;
}

void run_one_cut(const Settings& s) {
  const auto training = read_values(s, s.common.table);
  const auto search = survival::search_cut_point(training.used.sample, training.numbers, s.least);
  const auto& best = search.cuts[search.best];
  auto sorted = training.numbers;
  std::ranges::sort(sorted);
  const double median = quantile_r7(sorted, 0.5);
  Json json{{"value", s.value},
            {"n", training.used.frame.rows()},
            {"events", training.used.events},
            {"left_out", training.used.left_out},
            {"least_share", s.least},
            {"best", cuts_test(training, {best.cut})},
            {"median", cuts_test(training, {median})}};
  json["best"].update({{"cut", best.cut}, {"statistic", best.statistic}, {"p_corrected", search.p_corrected}});
  json["median"]["cut"] = median;
  auto notes = training.used.notes;
  Values other;
  if (!s.validation.empty()) {
    other = read_values(s, s.validation, training.used.coding);
    add_validation_notes(other, notes);
    json["validation"] = {
        {"n", other.used.frame.rows()}, {"events", other.used.events}, {"best", cuts_test(other, {best.cut})}};
    json["validation"]["best"]["cut"] = best.cut;
  }
  TextTable out{{"cut", "low", "high", "statistic"}, {}};
  if (!s.validation.empty()) out.columns.push_back("validation_chi_square");
  json["cuts"] = Json::array();
  report::XySeries line{"training", {}, {}, {}, {}, false, false},
      validation{"validation", {}, {}, {}, {}, false, true};
  for (const auto& c : search.cuts) {
    Json item{{"cut", c.cut}, {"low", c.low}, {"high", c.high}, {"statistic", c.statistic}};
    out.rows.push_back({data_cell(c.cut), std::to_string(c.low), std::to_string(c.high), cell(c.statistic)});
    line.x.push_back(c.cut), line.y.push_back(c.statistic * c.statistic);
    if (!s.validation.empty()) {
      const double chi = number_of(cuts_test(other, {c.cut}), "chi_square");
      item["validation_chi_square"] = finite_or_null(chi);
      out.rows.back().push_back(cell(chi));
      if (std::isfinite(chi)) validation.x.push_back(c.cut), validation.y.push_back(chi);
    }
    json["cuts"].push_back(std::move(item));
  }
  notes.push_back("best cut: " + s.value + " <= " + data_cell(best.cut) + " (" + std::to_string(best.low) +
                  " rows) against above (" + std::to_string(best.high) + "), log-rank P " +
                  p_cell(number_of(json["best"], "p")) + ", corrected for the search " + p_cell(search.p_corrected));
  notes.push_back("median cut: " + data_cell(median) + ", log-rank P " + p_cell(number_of(json["median"], "p")));
  if (!s.validation.empty())
    notes.push_back("best cut on the validation table: log-rank P " +
                    p_cell(number_of(json["validation"]["best"], "p")));
  emit(s.common, out, json, notes);
  if (!s.common.figure.empty()) {
    report::XyFigure figure{
        "",    "Cut of " + s.value, "Log-rank chi-square", line.x.front(), line.x.back(), 0, 1, false, false, true,
        {line}};
    if (!validation.x.empty()) figure.series.push_back(validation);
    if (figure.x_high <= figure.x_low) figure.x_low -= 1, figure.x_high += 1;
    for (const auto& series : figure.series)
      figure.y_high = std::max(figure.y_high, 1.1 * *std::ranges::max_element(series.y));
    report::draw_xy(s.common.figure, figure);
  }
}

/// The map of a table's statistics, one a pair of the search.
report::CutMapPanel map_panel(const std::string& title, const survival::CutPairSearch& search,
                              const std::vector<double>& values, const std::vector<double>& chi_square) {
  report::CutMapPanel panel;
  panel.title = title;
  panel.chi_square = chi_square;
  // The same groups up to the next value.
  double last = INFINITY;
  for (const double v : values)
    if (v > search.candidates.back()) last = std::min(last, v);
  const auto end_of = [&](std::size_t c) { return c + 1 < search.candidates.size() ? search.candidates[c + 1] : last; };
  for (const auto& p : search.pairs) {
    panel.low.push_back(search.candidates[p.low_cut]), panel.low_end.push_back(end_of(p.low_cut));
    panel.high.push_back(search.candidates[p.high_cut]), panel.high_end.push_back(end_of(p.high_cut));
  }
  panel.best_low = (panel.low[search.best] + panel.low_end[search.best]) / 2;
  panel.best_high = (panel.high[search.best] + panel.high_end[search.best]) / 2;
  return panel;
}

void run_two_cuts(const Settings& s) {
  const auto training = read_values(s, s.common.table);
  const auto search = survival::search_cut_pair(training.used.sample, training.numbers, s.least,
                                                {.draws = s.permutations, .seed = s.seed});
  const auto& best = search.pairs[search.best];
  const std::vector<double> cuts{search.candidates[best.low_cut], search.candidates[best.high_cut]};
  Json json{{"value", s.value},
            {"n", training.used.frame.rows()},
            {"events", training.used.events},
            {"left_out", training.used.left_out},
            {"least_share", s.least},
            {"permutations", s.permutations},
            {"seed", s.seed},
            {"candidates", search.candidates.size()},
            {"best", cuts_test(training, cuts)}};
  json["best"].update({{"cuts", cuts}, {"statistic", best.chi_square}, {"p_corrected", search.p_corrected}});
  auto notes = training.used.notes;
  if (search.thinned)
    notes.push_back("more different values than are tried: " + std::to_string(search.candidates.size()) +
                    " candidate cuts, evenly over the rows");
  std::vector<double> statistics, other_statistics;
  for (const auto& p : search.pairs) statistics.push_back(p.chi_square);
  std::vector<report::CutMapPanel> panels{map_panel("Training", search, training.numbers, statistics)};
  TextTable out{{"low_cut", "high_cut", "low", "middle", "high", "chi_square"}, {}};
  if (!s.validation.empty()) {
    const auto other = read_values(s, s.validation, training.used.coding);
    add_validation_notes(other, notes);
    json["validation"] = {
        {"n", other.used.frame.rows()}, {"events", other.used.events}, {"best", cuts_test(other, cuts)}};
    json["validation"]["best"]["cuts"] = cuts;
    other_statistics = survival::cut_pair_statistics(search, other.used.sample, other.numbers);
    panels.push_back(map_panel("Validation", search, training.numbers, other_statistics));
    out.columns.push_back("validation_chi_square");
  }
  json["pairs"] = Json::array();
  for (std::size_t i = 0; i < search.pairs.size(); ++i) {
    const auto& p = search.pairs[i];
    const double low = search.candidates[p.low_cut], high = search.candidates[p.high_cut];
    json["pairs"].push_back(
        {{"cuts", {low, high}}, {"low", p.low}, {"middle", p.middle}, {"high", p.high}, {"statistic", p.chi_square}});
    out.rows.push_back({data_cell(low), data_cell(high), std::to_string(p.low), std::to_string(p.middle),
                        std::to_string(p.high), cell(p.chi_square)});
    if (other_statistics.empty()) continue;
    json["pairs"].back()["validation_chi_square"] = finite_or_null(other_statistics[i]);
    out.rows.back().push_back(cell(other_statistics[i]));
  }
  notes.push_back("best cuts: " + s.value + " <= " + data_cell(cuts[0]) + " (" + std::to_string(best.low) +
                  " rows), <= " + data_cell(cuts[1]) + " (" + std::to_string(best.middle) + "), above (" +
                  std::to_string(best.high) + "); log-rank P " + p_cell(number_of(json["best"], "p")) +
                  ", corrected for the search " + p_cell(search.p_corrected) + " (" + std::to_string(s.permutations) +
                  " permutations)");
  if (!s.validation.empty())
    notes.push_back("best cuts on the validation table: log-rank P " +
                    p_cell(number_of(json["validation"]["best"], "p")));
  emit(s.common, out, json, notes);
  if (!s.common.figure.empty()) report::draw_cut_map(s.common.figure, s.value, panels);
}

void run_cutpoint(const Settings& s) {
  if (s.cuts == 1) return run_one_cut(s);
  if (s.least >= 1.0 / 3)
    throw Error(ExitCode::WrongUse,
                "three groups cannot each hold " + cell(s.least) + " of the rows: below 0.33 is needed", "--least");
  run_two_cuts(s);
}

}  // namespace

void add_survival_cutpoint(CLI::App& survival, int& result) {
  auto s = std::make_shared<Settings>();
  auto* cut = survival.add_subcommand(
      "cutpoint",
      "Best cut of a value, or best two cuts: all divisions (X-tile), maximally selected log-rank statistic with a "
      "corrected P, training and validation; the median cut beside it");
  add_statistics_options(*cut, s->common, true);
  add_figure_option(*cut, s->common);
  cut->add_option("--value", s->value, "Column to cut; rows with a value up to the cut are the low group")->required();
  cut->add_option("--cuts", s->cuts, "1: low and high group; 2: low, middle and high")
      ->check(CLI::Range(1, 2))
      ->capture_default_str();
  cut->add_option("--least", s->least, "Least share of rows in each group")
      ->check(CLI::Range(0.01, 0.49))
      ->capture_default_str();
  cut->add_option("--validation", s->validation, "A second table with the same columns on which the cuts are tried");
  cut->add_option("--permutations", s->permutations, "With --cuts 2: permutations that correct P for the search")
      ->check(CLI::Range(100, 1000000))
      ->capture_default_str();
  cut->add_option("--seed", s->seed, "With --cuts 2: the same seed gives the same P")->capture_default_str();
  cut->footer(
      "Example: gliocast survival cutpoint training.csv --time time --event status --value score --cuts 2 --validation "
      "test.csv --figure map.pdf\n"
      "P corrected for the search: Lausen & Schumacher with one cut, permutations with two.");
  cut->callback([s, &result] { run_cutpoint(*s), result = 0; });
}

}  // namespace gliocast::cli
