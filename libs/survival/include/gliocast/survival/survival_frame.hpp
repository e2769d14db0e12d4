#pragma once
#include <gliocast/stats/data_frame.hpp>
#include <gliocast/survival/kaplan_meier.hpp>

#include <string>
#include <vector>

namespace gliocast::survival {

/// Names of the columns that hold the outcome; empty where there is none.
struct OutcomeColumns {
  std::string time, event;
  std::string event_value;  ///< the value of `event` that means an event; empty: 1 of 0/1, 2 of 1/2, TRUE, as R's Surv(); else "dead", "deceased", "death", "yes", "event"
  std::string entry, weights, cluster;
};

/// The rows of a table that can be used.
struct SurvivalFrame {
  stats::DataFrame frame;            ///< these rows only
  std::vector<std::size_t> rows;     ///< their positions in the table
  SurvivalSample sample;             ///< times that differ by rounding alone are made equal, as R's timefix
  std::vector<int> cluster;          ///< from 0; empty without
  std::size_t left_out = 0;          ///< rows with a missing value in a used column, or a negative time
  std::vector<std::string> notes;    ///< what was left out and why, times of 0
  std::size_t events = 0;
};

/// Picks the rows that have a value in every outcome column and in `used`. Throws Error{UnusableInput}: a column that is absent, an event column with other values, weights not positive,
/// entry not before time, no row left.
[[nodiscard]] SurvivalFrame make_survival_frame(const stats::DataFrame& table, const OutcomeColumns& outcome, const std::vector<std::string>& used = {});

}  // namespace gliocast::survival
