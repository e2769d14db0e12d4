#include "time_scale.hpp"

#include <gliocast/analysis/cells.hpp>
#include <gliocast/analysis/figures.hpp>
#include <gliocast/core/quantile.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace gliocast::analysis {
namespace {

constexpr double kEventsApart = 8, kFollowUpApart = 4;

/// The unit that the name of a column of times says: its last word ("OS_months"), or the first of many
/// ("days_to_death").
std::string unit_named(const std::string& column) {
  if (auto unit = time_unit(column); !unit.empty()) return unit;
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  const auto first = std::ranges::find_if_not(column, letter);
  const std::string word(column.begin(), first);
  return word.ends_with('s') ? time_unit(word) : std::string();  // "month of death" is a date
}

double median_of(std::vector<double> times) {
  if (times.empty()) return std::numeric_limits<double>::quiet_NaN();
  std::ranges::sort(times);
  times.erase(std::unique(times.begin(), times.end()), times.end());
  return quantile_r7(times, 0.5);
}

}  // namespace

TimeScale time_scale(const survival::CoxModel& model) {
  std::vector<double> events;
  for (const auto& b : model.baselines) events.insert(events.end(), b.time.begin(), b.time.end());
  return {model.time_column, median_of(std::move(events)), model.last_follow_up()};
}

TimeScale time_scale(const survival::SurvivalSample& sample, const std::string& column) {
  std::vector<double> events;
  for (std::size_t i = 0; i < sample.rows(); ++i)
    if (sample.event[i]) events.push_back(sample.time[i]);
  const double last =
      sample.time.empty() ? std::numeric_limits<double>::quiet_NaN() : *std::ranges::max_element(sample.time);
  return {column, median_of(std::move(events)), last};
}

void tell_other_unit(const TimeScale& known, const TimeScale& found, const std::string& of,
                     std::vector<std::string>& notes) {
  const std::string unit = unit_named(known.column), other = unit_named(found.column);
  if (!unit.empty() && !other.empty()) {
    if (unit != other)
      notes.push_back("warning: column \"" + found.column + "\" names " + other + ", " + of + " times are of \"" +
                      known.column + "\", " + unit + ": where that is so, give the table its times in " + unit);
    return;
  }
  const auto apart = [](double a, double b, double factor) { return a > factor * b && b > 0; };
  const bool longer = apart(found.median_event, known.median_event, kEventsApart) &&
                      apart(found.last, known.last, kFollowUpApart),
             shorter = apart(known.median_event, found.median_event, kEventsApart) &&
                       apart(known.last, found.last, kFollowUpApart);
  if (!longer && !shorter) return;
  notes.push_back("warning: are the times of column \"" + found.column + "\" in another unit than " + of +
                  (unit.empty() ? " (\"" + known.column + "\")" : ", " + unit) + "? Half of the events come by " +
                  cell(found.median_event) + ", " + of + " by " + cell(known.median_event) + "; follow-up goes to " +
                  cell(found.last) + " and " + cell(known.last));
}

}  // namespace gliocast::analysis
