#include <gliocast/analysis/survival_cutpoint.hpp>

#include <gliocast/analysis/cells.hpp>
#include <gliocast/core/error.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/core/quantile.hpp>
#include <gliocast/survival/cut_point.hpp>
#include <gliocast/survival/log_rank.hpp>

#include <algorithm>
#include <cmath>
#include <string_view>

namespace gliocast::analysis {
namespace {

/// A table's rows that can be used, and the values to cut.
struct Values {
  survival::SurvivalFrame used;
  std::vector<double> numbers;
};

/// `coding`: that of the events in the training table, where this is the validation table.
Values read_values(const CutPointOptions& o, const stats::DataFrame& table, const std::string& coding = {}) {
  auto outcome = o.outcome;
  outcome.coding = coding;
  Values v{survival::make_survival_frame(table, outcome, {o.value}), {}};
  v.numbers = v.used.frame.numeric(o.value).numbers;
  return v;
}

/// The validation table's, where there is one; its notes say so.
std::optional<Values> read_validation(const CutPointOptions& o, const Values& training,
                                      std::vector<std::string>& notes) {
  constexpr std::string_view kWarning = "warning: ";
  if (!o.validation) return std::nullopt;
  auto values = read_values(o, *o.validation, training.used.coding);
  for (const auto& n : values.used.notes) {
    const bool warning = n.starts_with(kWarning);
    notes.push_back((warning ? "warning: validation table: " : "validation table: ") +
                    n.substr(warning ? kWarning.size() : 0));
  }
  return values;
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

Json validation_json(const Values& other, const std::vector<double>& cuts) {
  return {{"n", other.used.frame.rows()}, {"events", other.used.events}, {"best", cuts_test(other, cuts)}};
}

/// Chi-square of every cut, in training and validation, as lines; room for the highest.
XyFigure chi_square_figure(const std::string& value, XySeries training, XySeries validation) {
  constexpr double kHeadroom = 1.1;
  XyFigure figure{"",
                  "Cut of " + value,
                  "Log-rank chi-square",
                  training.x.front(),
                  training.x.back(),
                  0,
                  1,
                  false,
                  {},
                  "Log-rank chi-square by cut of " + value};
  if (figure.x_high <= figure.x_low) {
    figure.x_low -= 1;
    figure.x_high += 1;
  }
  figure.series.push_back(std::move(training));
  if (!validation.x.empty()) figure.series.push_back(std::move(validation));
  for (const auto& series : figure.series)
    figure.y_high = std::max(figure.y_high, kHeadroom * *std::ranges::max_element(series.y));
  return figure;
}

/// Every cut that was tried: its rows of the table, its JSON, the figure.
void add_cuts(const CutPointOptions& o, const survival::CutPointSearch& search, const std::optional<Values>& other,
              AnalysisOutput& out) {
  out.table.columns = {"cut", "low", "high", "statistic"};
  if (other) out.table.columns.emplace_back("validation_chi_square");
  out.json["cuts"] = Json::array();
  XySeries line{"training", {}, {}, {}, {}, false, false}, validation{"validation", {}, {}, {}, {}, false, true};
  for (const auto& c : search.cuts) {
    Json item{{"cut", c.cut}, {"low", c.low}, {"high", c.high}, {"statistic", c.statistic}};
    out.table.rows.push_back({data_cell(c.cut), std::to_string(c.low), std::to_string(c.high), cell(c.statistic)});
    line.x.push_back(c.cut);
    line.y.push_back(c.statistic * c.statistic);
    if (other) {
      const double chi = number_of(cuts_test(*other, {c.cut}), "chi_square");
      item["validation_chi_square"] = finite_or_null(chi);
      out.table.rows.back().push_back(cell(chi));
      if (std::isfinite(chi)) {
        validation.x.push_back(c.cut);
        validation.y.push_back(chi);
      }
    }
    out.json["cuts"].push_back(std::move(item));
  }
  out.figures.emplace_back(chi_square_figure(o.value, std::move(line), std::move(validation)));
}

AnalysisOutput one_cut(const stats::DataFrame& table, const CutPointOptions& o) {
  const auto training = read_values(o, table);
  const auto search = survival::search_cut_point(training.used.sample, training.numbers, o.least);
  const auto& best = search.cuts[search.best];
  auto sorted = training.numbers;
  std::ranges::sort(sorted);
  const double median = quantile_r7(sorted, 0.5);
  AnalysisOutput out;
  out.json = {{"value", o.value},
              {"n", training.used.frame.rows()},
              {"events", training.used.events},
              {"left_out", training.used.left_out},
              {"least_share", o.least},
              {"best", cuts_test(training, {best.cut})},
              {"median", cuts_test(training, {median})}};
  out.json["best"].update({{"cut", best.cut}, {"statistic", best.statistic}, {"p_corrected", search.p_corrected}});
  out.json["median"]["cut"] = median;
  out.notes = training.used.notes;
  const auto other = read_validation(o, training, out.notes);
  if (other) {
    out.json["validation"] = validation_json(*other, {best.cut});
    out.json["validation"]["best"]["cut"] = best.cut;
  }
  add_cuts(o, search, other, out);
  out.notes.push_back("best cut: " + o.value + " <= " + data_cell(best.cut) + " (" + std::to_string(best.low) +
                      " rows) against above (" + std::to_string(best.high) + "), log-rank P " +
                      p_cell(number_of(out.json["best"], "p")) + ", corrected for the search " +
                      p_cell(search.p_corrected));
  out.notes.push_back("median cut: " + data_cell(median) + ", log-rank P " +
                      p_cell(number_of(out.json["median"], "p")));
  if (other)
    out.notes.push_back("best cut on the validation table: log-rank P " +
                        p_cell(number_of(out.json["validation"]["best"], "p")));
  return out;
}

/// The map of a table's statistics, one a pair of the search.
CutMapPanel map_panel(const std::string& title, const survival::CutPairSearch& search,
                      const std::vector<double>& values, const std::vector<double>& chi_square) {
  CutMapPanel panel;
  panel.title = title;
  panel.chi_square = chi_square;
  // The same groups up to the next value.
  double last = INFINITY;
  for (const double v : values)
    if (v > search.candidates.back()) last = std::min(last, v);
  const auto end_of = [&](std::size_t c) { return c + 1 < search.candidates.size() ? search.candidates[c + 1] : last; };
  for (const auto& p : search.pairs) {
    panel.low.push_back(search.candidates[p.low_cut]);
    panel.low_end.push_back(end_of(p.low_cut));
    panel.high.push_back(search.candidates[p.high_cut]);
    panel.high_end.push_back(end_of(p.high_cut));
  }
  panel.best_low = (panel.low[search.best] + panel.low_end[search.best]) / 2;
  panel.best_high = (panel.high[search.best] + panel.high_end[search.best]) / 2;
  return panel;
}

/// Every pair of cuts that was tried: its rows of the table and its JSON. `validation`: one statistic a pair, or none.
void add_pairs(const survival::CutPairSearch& search, const std::vector<double>& validation, AnalysisOutput& out) {
  out.table.columns = {"low_cut", "high_cut", "low", "middle", "high", "chi_square"};
  if (!validation.empty()) out.table.columns.emplace_back("validation_chi_square");
  out.json["pairs"] = Json::array();
  for (std::size_t i = 0; i < search.pairs.size(); ++i) {
    const auto& p = search.pairs[i];
    const double low = search.candidates[p.low_cut], high = search.candidates[p.high_cut];
    out.json["pairs"].push_back(
        {{"cuts", {low, high}}, {"low", p.low}, {"middle", p.middle}, {"high", p.high}, {"statistic", p.chi_square}});
    out.table.rows.push_back({data_cell(low), data_cell(high), std::to_string(p.low), std::to_string(p.middle),
                              std::to_string(p.high), cell(p.chi_square)});
    if (validation.empty()) continue;
    out.json["pairs"].back()["validation_chi_square"] = finite_or_null(validation[i]);
    out.table.rows.back().push_back(cell(validation[i]));
  }
}

AnalysisOutput two_cuts(const stats::DataFrame& table, const CutPointOptions& o) {
  const auto training = read_values(o, table);
  const auto search = survival::search_cut_pair(training.used.sample, training.numbers, o.least, o.permutations);
  const auto& best = search.pairs[search.best];
  const std::vector<double> cuts{search.candidates[best.low_cut], search.candidates[best.high_cut]};
  AnalysisOutput out;
  out.json = {{"value", o.value},
              {"n", training.used.frame.rows()},
              {"events", training.used.events},
              {"left_out", training.used.left_out},
              {"least_share", o.least},
              {"permutations", o.permutations.draws},
              {"seed", o.permutations.seed},
              {"candidates", search.candidates.size()},
              {"best", cuts_test(training, cuts)}};
  out.json["best"].update({{"cuts", cuts}, {"statistic", best.chi_square}, {"p_corrected", search.p_corrected}});
  out.notes = training.used.notes;
  if (search.thinned)
    out.notes.push_back("more different values than are tried: " + std::to_string(search.candidates.size()) +
                        " candidate cuts, evenly over the rows");
  std::vector<double> statistics, other_statistics;
  for (const auto& p : search.pairs) statistics.push_back(p.chi_square);
  CutMapFigure figure{o.value, {map_panel("Training", search, training.numbers, statistics)}};
  if (const auto other = read_validation(o, training, out.notes)) {
    out.json["validation"] = validation_json(*other, cuts);
    out.json["validation"]["best"]["cuts"] = cuts;
    other_statistics = survival::cut_pair_statistics(search, other->used.sample, other->numbers);
    figure.panels.push_back(map_panel("Validation", search, training.numbers, other_statistics));
  }
  add_pairs(search, other_statistics, out);
  out.notes.push_back("best cuts: " + o.value + " <= " + data_cell(cuts[0]) + " (" + std::to_string(best.low) +
                      " rows), <= " + data_cell(cuts[1]) + " (" + std::to_string(best.middle) + "), above (" +
                      std::to_string(best.high) + "); log-rank P " + p_cell(number_of(out.json["best"], "p")) +
                      ", corrected for the search " + p_cell(search.p_corrected) + " (" +
                      std::to_string(o.permutations.draws) + " permutations)");
  if (o.validation)
    out.notes.push_back("best cuts on the validation table: log-rank P " +
                        p_cell(number_of(out.json["validation"]["best"], "p")));
  out.figures.emplace_back(std::move(figure));
  return out;
}

}  // namespace

AnalysisOutput cut_point(const stats::DataFrame& table, const CutPointOptions& o) {
  if (o.cuts == 1) return one_cut(table, o);
  if (o.least >= 1.0 / 3)
    throw Error(ExitCode::WrongUse,
                "three groups cannot each hold " + cell(o.least) + " of the rows: below 0.33 is needed", "--least");
  return two_cuts(table, o);
}

}  // namespace gliocast::analysis
