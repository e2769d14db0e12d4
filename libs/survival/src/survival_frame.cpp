#include <gliocast/survival/survival_frame.hpp>

#include <gliocast/core/error.hpp>
#include <gliocast/stats/design_matrix.hpp>

#include "event_coding.hpp"

#include <algorithm>
#include <cmath>

namespace gliocast::survival {
namespace {

/// Times that differ by rounding only become equal, with R's tolerance (survival's aeqSurv).
void make_ties(std::vector<double>& time, std::vector<double>& entry) {
  std::vector<double> sorted = time;
  sorted.insert(sorted.end(), entry.begin(), entry.end());
  std::ranges::sort(sorted);
  sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
  constexpr double kTolerance = 1.4901161193847656e-8;
  double mean = 0;
  for (const double v : sorted) mean += std::abs(v) / static_cast<double>(sorted.size());
  std::vector<double> kept = sorted;
  bool any = false;
  for (std::size_t i = 1; i < sorted.size(); ++i)
    if (sorted[i] - sorted[i - 1] <= kTolerance || (mean > 0 && (sorted[i] - sorted[i - 1]) / mean <= kTolerance)) {
      kept[i] = kept[i - 1];
      any = true;
    }
  if (!any) return;
  const auto mend = [&](double& v) {
    v = kept[static_cast<std::size_t>(std::ranges::lower_bound(sorted, v) - sorted.begin())];
  };
  for (auto& v : time) mend(v);
  for (auto& v : entry) mend(v);
}

std::vector<double> numbers(const stats::DataFrame& table, const std::string& name,
                            const std::vector<std::size_t>& rows) {
  return stats::take(table.numeric(name), rows).numbers;
}

/// Rows with a value in each column, a known event, and no time below 0 (with entry times a scale may begin there).
void pick_rows(const stats::DataFrame& table, const OutcomeColumns& outcome, const std::vector<std::string>& columns,
               const std::vector<signed char>& event, SurvivalFrame& result) {
  result.rows = stats::complete_rows(table, columns);
  std::erase_if(result.rows, [&](std::size_t r) { return event[r] < 0; });
  for (const auto& name : columns) {
    std::size_t missing = table.at(name).count_missing();
    if (name == outcome.event) missing = static_cast<std::size_t>(std::ranges::count(event, -1));
    if (missing > 0)
      result.notes.push_back("column \"" + name + "\": " + std::to_string(missing) + " of " +
                             std::to_string(table.rows()) + " values missing");
  }
  const auto& time = table.numeric(outcome.time).numbers;
  const std::size_t complete = result.rows.size();
  if (outcome.entry.empty()) {
    std::string negative;
    std::erase_if(result.rows, [&](std::size_t r) {
      if (time[r] < 0) negative += (negative.empty() ? "" : ", ") + std::to_string(r + 1);
      return time[r] < 0;
    });
    if (!negative.empty())
      result.notes.push_back("warning: column \"" + outcome.time + "\" has a negative time in " +
                             std::to_string(complete - result.rows.size()) + " rows, left out: row " +
                             negative.substr(0, 60) + (negative.size() > 60 ? " ..." : ""));
  }
  result.left_out = table.rows() - result.rows.size();
  if (result.rows.empty())
    throw unusable_input(complete > 0 ? "column \"" + outcome.time + "\" has negative times only"
                                      : std::string("no row has a value in every used column"),
                         table.origin());
}

/// Entry before time, weights above 0; counts events and times of 0.
void check_rows(const stats::DataFrame& table, const OutcomeColumns& outcome, SurvivalFrame& result) {
  const SurvivalSample& s = result.sample;
  std::size_t zeros = 0;
  for (std::size_t i = 0; i < result.rows.size(); ++i) {
    const std::string where = table.origin() + ", row " + std::to_string(result.rows[i] + 1);
    if (!s.entry.empty() && !(s.entry[i] < s.time[i]))
      throw unusable_input("column \"" + outcome.entry + "\" is not before \"" + outcome.time + "\"", where);
    if (!s.weights.empty() && !(s.weights[i] > 0))
      throw unusable_input("column \"" + outcome.weights + "\" has a weight that is not positive", where);
    zeros += s.time[i] == 0;
    result.events += s.event[i] != 0;
  }
  if (zeros > 0 && s.entry.empty())
    result.notes.push_back("column \"" + outcome.time + "\": " + std::to_string(zeros) +
                           " rows have the time 0; they are kept, as R does");
}

}  // namespace

SurvivalFrame make_survival_frame(const stats::DataFrame& table, const OutcomeColumns& outcome,
                                  const std::vector<std::string>& used) {
  std::vector<std::string> columns;
  for (const auto* name : {&outcome.time, &outcome.event, &outcome.entry, &outcome.weights, &outcome.cluster})
    if (!name->empty()) columns.push_back(*name);
  for (const auto& name : used)
    if (std::ranges::find(columns, name) == columns.end()) columns.push_back(name);
  SurvivalFrame result;
  result.notes = table.notes(columns, {outcome.time, outcome.event});
  auto coded = read_events(table.at(outcome.event), outcome.event_value, outcome.coding, table.origin());
  result.coding = std::move(coded.coding);
  result.notes.push_back(std::move(coded.note));
  if (!outcome.coding.empty() && !result.coding.empty() && outcome.coding != result.coding)
    result.notes.push_back("warning: column \"" + outcome.event + "\" is coded " + result.coding +
                           ", in the table before it was " + outcome.coding);
  pick_rows(table, outcome, columns, coded.event, result);
  result.frame = table.subset(result.rows);
  SurvivalSample& s = result.sample;
  s.time = numbers(table, outcome.time, result.rows);
  for (const std::size_t r : result.rows) s.event.push_back(coded.event[r] > 0);
  if (!outcome.entry.empty()) s.entry = numbers(table, outcome.entry, result.rows);
  if (!outcome.weights.empty()) s.weights = numbers(table, outcome.weights, result.rows);
  make_ties(s.time, s.entry);
  check_rows(table, outcome, result);
  if (!outcome.cluster.empty()) result.cluster = stats::as_factor(result.frame.at(outcome.cluster)).codes;
  return result;
}

}  // namespace gliocast::survival
