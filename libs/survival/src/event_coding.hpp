#pragma once
#include <gliocast/stats/data_frame.hpp>

#include <string>
#include <vector>

namespace gliocast::survival {

struct CodedEvents {
  std::vector<signed char> event;  ///< one a row: 1 an event, 0 censored, -1 missing
  std::string note;                ///< what each value means, with its count; "warning: …" where that is doubtful
  std::string coding;              ///< "0/1" or "1/2" of numbers; empty for others
};

/// What the values of an event column mean, judged from all rows of the table it was read from (OutcomeColumns says
/// how). `known_coding` is that of the table a model comes from, for a column of 1 alone.
/// Throws Error{UnusableInput} that lists the values where their meaning is not known.
[[nodiscard]] CodedEvents read_events(const stats::Column& column, const std::string& event_value,
                                      const std::string& known_coding, const std::string& origin);

}  // namespace gliocast::survival
