#pragma once
#include <gliocast/survival/cox_model.hpp>
#include <gliocast/survival/sample.hpp>

#include <string>
#include <vector>

namespace gliocast::analysis {

// Whether the times of two tables are in one unit.

/// How long times are, and the column that they are of.
struct TimeScale {
  std::string column;
  double median_event = 0;  ///< half of the different times of events come no later; NaN without an event
  double last = 0;          ///< the longest follow-up
};
[[nodiscard]] TimeScale time_scale(const survival::CoxModel& model);
[[nodiscard]] TimeScale time_scale(const survival::SurvivalSample& sample, const std::string& column);

/// Warns where the names of the columns name different units. Where one of them names none: where times of events
/// differ more than 8 times and follow-up more than 4 times, as months and years, or days and months, do. `of`: whose
/// the known times are, "the model's".
void tell_other_unit(const TimeScale& known, const TimeScale& found, const std::string& of,
                     std::vector<std::string>& notes);

}  // namespace gliocast::analysis
