#pragma once

namespace gliocast {

/// Follow-up of one subject, in any one unit of time.
struct SurvivalOutcome {
  double time = 0;     ///< from the origin to the event or the last visit, > 0
  bool event = false;  ///< true: died at `time`; false: censored
};

}  // namespace gliocast
