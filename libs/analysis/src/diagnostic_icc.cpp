#include <gliocast/analysis/diagnostic_icc.hpp>

#include <gliocast/analysis/cells.hpp>
#include <gliocast/core/error.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/core/text.hpp>
#include <gliocast/stats/design_matrix.hpp>
#include <gliocast/stats/icc.hpp>

#include <cmath>

namespace gliocast::analysis {
namespace {

/// Why some numbers are infinite or absent; empty where none is.
std::string icc_note(const std::vector<stats::IntraclassCorrelation>& list) {
  const auto& random = list[1];
  if (std::isnan(random.estimate.value) || (random.estimate.value == 0 && std::isnan(random.test.statistic)))
    return "warning: the subjects' ratings do not vary: no intraclass correlation";
  if (std::isinf(list[0].test.statistic)) return "the raters agree in every subject: F is infinite, the limits are 1";
  if (std::isinf(random.test.statistic))
    return "the raters differ by constants only: F of the two-way models is infinite, the limits of their consistency "
           "are 1";
  if (random.test.statistic == 0)
    return "warning: all subjects have the same mean: the reliability of mean ratings is not defined";
  return {};
}

/// Columns of numbers; names of text go to `text`. A column that seems to hold numbers but reads as text is refused:
/// without it the agreement of the others would be given.
std::vector<std::string> columns_of_numbers(const stats::DataFrame& table, std::string& text) {
  std::vector<std::string> names;
  for (const auto& c : table.columns()) {
    if (c.name == kRowNames) continue;
    if (!c.is_factor) {
      names.push_back(c.name);
    } else if (c.source && c.source->seems_numeric) {
      try {
        (void)table.numeric(c.name);
      } catch (const Error& e) {
        throw Error(e.code(), e.problem(), e.where(), e.hint() + "; or name the columns of raters: --raters");
      }
    } else {
      text += (text.empty() ? "\"" : ", \"") + c.name + '"';
    }
  }
  return names;
}

void add_icc(const stats::IntraclassCorrelation& i, AnalysisOutput& out) {
  const auto& [statistic, df1, p] = i.test;
  const auto& e = i.estimate;
  out.table.rows.push_back(
      {i.type, i.model, cell(e.value), cell(statistic), cell(df1), cell(i.df2), cell(p), cell(e.low), cell(e.high)});
  out.json["icc"].push_back({{"type", i.type},
                             {"model", i.model},
                             {"estimate", finite_or_null(e.value)},
                             {"f", finite_or_null(statistic)},
                             {"df1", df1},
                             {"df2", i.df2},
                             {"p", finite_or_null(p)},
                             {"lower", finite_or_null(e.low)},
                             {"upper", finite_or_null(e.high)}});
}

}  // namespace

AnalysisOutput icc(const stats::DataFrame& table, const IccOptions& o) {
  std::string text;
  const auto raters = o.raters.empty() ? columns_of_numbers(table, text) : o.raters;
  if (raters.size() < 2)
    throw unusable_input("fewer than two columns of numbers; each rater is a column, each subject a row" +
                             (text.empty() ? "" : "; text: " + text),
                         table.origin());
  for (const auto& name : raters) (void)table.numeric(name);
  const auto rows = stats::complete_rows(table, raters);
  stats::Matrix ratings(rows.size(), raters.size());
  for (std::size_t c = 0; c < raters.size(); ++c)
    for (std::size_t r = 0; r < rows.size(); ++r) ratings(r, c) = table.numeric(raters[c]).numbers[rows[r]];
  const std::size_t left_out = table.rows() - rows.size();
  AnalysisOutput out;
  out.table.columns = {"type", "model", "icc", "f", "df1", "df2", "p", "lower", "upper"};
  out.json = {{"subjects", rows.size()},
              {"raters", raters},
              {"left_out", left_out},
              {"level", o.level},
              {"icc", Json::array()}};
  const auto correlations = stats::intraclass_correlations(ratings, o.level);
  for (const auto& i : correlations) add_icc(i, out);
  out.notes = table.notes(raters);
  if (!text.empty()) out.notes.push_back("left out, as text: " + text);
  out.notes.push_back(std::to_string(rows.size()) + " subjects, raters: " + listed(raters) +
                      (left_out > 0 ? "; " + std::to_string(left_out) + " rows left out" : ""));
  if (const auto note = icc_note(correlations); !note.empty()) {
    out.notes.push_back(note);
    out.json["note"] = note;
  }
  return out;
}

}  // namespace gliocast::analysis
