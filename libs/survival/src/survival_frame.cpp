#include <gliocast/survival/survival_frame.hpp>

#include <gliocast/core/error.hpp>
#include <gliocast/stats/design_matrix.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

namespace gliocast::survival {
namespace {

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

/// Which level of a factor, or number, means an event.
std::vector<char> read_events(const stats::Column& column, const std::vector<std::size_t>& rows, const std::string& event_value, const std::string& origin) {
  std::set<std::string> texts;
  double largest = -INFINITY;
  bool coded = !column.is_factor;
  for (const std::size_t r : rows) {
    texts.insert(column.text(r));
    if (!column.is_factor) {
      largest = std::max(largest, column.numbers[r]);
      coded = coded && (column.numbers[r] == 0 || column.numbers[r] == 1 || column.numbers[r] == 2);
    }
  }
  std::string list;
  for (const auto& t : texts)
    if (list.size() < 100) list += (list.empty() ? "" : ", ") + t;
  const auto wrong = [&](const std::string& what) { return unusable_input("column \"" + column.name + "\" " + what + " (its values: " + list + ")", origin, "say which value means an event: --event-value"); };
  std::vector<char> events;
  if (!event_value.empty()) {
    if (!texts.contains(event_value)) throw wrong("does not hold \"" + event_value + "\"");
    for (const std::size_t r : rows) events.push_back(column.text(r) == event_value);
    return events;
  }
  if (!column.is_factor) {
    if (!coded || (largest == 2 && texts.contains("0"))) throw wrong("is neither 0/1 nor 1/2");
    for (const std::size_t r : rows) events.push_back(column.numbers[r] == (largest == 2 ? 2 : 1));
    return events;
  }
  static const std::set<std::string> kEvent{"true", "t", "dead", "deceased", "death", "died", "yes", "event"}, kNone{"false", "f", "alive", "living", "censored", "no", "none"};
  for (const std::size_t r : rows) {
    const std::string value = lower(column.text(r));
    if (!kEvent.contains(value) && !kNone.contains(value)) throw wrong("has the value \"" + column.text(r) + "\", which is not known to mean an event or none");
    events.push_back(kEvent.contains(value));
  }
  return events;
}

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
    if (sorted[i] - sorted[i - 1] <= kTolerance || (mean > 0 && (sorted[i] - sorted[i - 1]) / mean <= kTolerance)) kept[i] = kept[i - 1], any = true;
  if (!any) return;
  const auto mend = [&](double& v) { v = kept[static_cast<std::size_t>(std::ranges::lower_bound(sorted, v) - sorted.begin())]; };
  for (auto& v : time) mend(v);
  for (auto& v : entry) mend(v);
}

std::vector<double> numbers(const stats::DataFrame& table, const std::string& name, const std::vector<std::size_t>& rows) { return stats::take(table.numeric(name), rows).numbers; }

}  // namespace

SurvivalFrame make_survival_frame(const stats::DataFrame& table, const OutcomeColumns& outcome, const std::vector<std::string>& used) {
  std::vector<std::string> columns;
  for (const auto* name : {&outcome.time, &outcome.event, &outcome.entry, &outcome.weights, &outcome.cluster})
    if (!name->empty()) columns.push_back(*name);
  for (const auto& name : used)
    if (std::ranges::find(columns, name) == columns.end()) columns.push_back(name);
  SurvivalFrame result;
  result.rows = stats::complete_rows(table, columns);
  const auto& time = table.numeric(outcome.time).numbers;
  std::string negative;
  const std::size_t complete = result.rows.size();
  std::erase_if(result.rows, [&](std::size_t r) {
    if (time[r] < 0) negative += (negative.empty() ? "" : ", ") + std::to_string(r + 1);
    return time[r] < 0;
  });
  if (!negative.empty()) result.notes.push_back("warning: column \"" + outcome.time + "\" has a negative time in " + std::to_string(complete - result.rows.size()) + " rows, left out: row " + negative.substr(0, 60) + (negative.size() > 60 ? " ..." : ""));
  result.left_out = table.rows() - result.rows.size();
  for (const auto& name : columns)
    if (const std::size_t missing = table.at(name).count_missing(); missing > 0) result.notes.push_back("column \"" + name + "\": " + std::to_string(missing) + " of " + std::to_string(table.rows()) + " values missing");
  if (result.rows.empty()) throw unusable_input(complete > 0 ? "column \"" + outcome.time + "\" has negative times only" : std::string("no row has a value in every used column"), table.origin());
  result.frame = table.subset(result.rows);
  SurvivalSample& s = result.sample;
  s.time = numbers(table, outcome.time, result.rows);
  s.event = read_events(table.at(outcome.event), result.rows, outcome.event_value, table.origin());
  if (!outcome.entry.empty()) s.entry = numbers(table, outcome.entry, result.rows);
  if (!outcome.weights.empty()) s.weights = numbers(table, outcome.weights, result.rows);
  make_ties(s.time, s.entry);
  std::size_t zeros = 0;
  for (std::size_t i = 0; i < result.rows.size(); ++i) {
    const std::string where = table.origin() + ", row " + std::to_string(result.rows[i] + 1);
    if (!s.entry.empty() && !(s.entry[i] < s.time[i])) throw unusable_input("column \"" + outcome.entry + "\" is not before \"" + outcome.time + "\"", where);
    if (!s.weights.empty() && !(s.weights[i] > 0)) throw unusable_input("column \"" + outcome.weights + "\" has a weight that is not positive", where);
    zeros += s.time[i] == 0;
    result.events += s.event[i] != 0;
  }
  if (zeros > 0) result.notes.push_back("column \"" + outcome.time + "\": " + std::to_string(zeros) + " rows have the time 0; they are kept, as R does");
  if (!outcome.cluster.empty()) {
    const auto cluster = stats::as_factor(result.frame.at(outcome.cluster));
    result.cluster = cluster.codes;
  }
  return result;
}

}  // namespace gliocast::survival
