#pragma once
#include <gliocast/stats/data_frame.hpp>
#include <gliocast/survival/sample.hpp>

#include <string>
#include <vector>

namespace gliocast::survival {

/// Names of the columns that hold the outcome; empty where there is none.
struct OutcomeColumns {
  std::string time, event;
  /// The value of `event` that means an event, in any spelling (case, blanks, 1 for 1.0, DECEASED or 1 for 1:DECEASED);
  /// empty: 1 of 0/1, 2 of 1/2, TRUE, as R's Surv(); else "dead", "deceased", "death", "yes", "event".
  std::string event_value;
  std::string entry, weights, cluster;
  std::string coding{};  ///< "0/1" or "1/2" of the table a model comes from, for a column that holds 1 alone
};

/// The rows of a table that can be used.
struct SurvivalFrame {
  stats::DataFrame frame;          ///< these rows only
  std::vector<std::size_t> rows;   ///< their positions in the table
  SurvivalSample sample;           ///< times that differ by rounding alone are made equal, as R's timefix
  std::vector<int> cluster;        ///< from 0; empty without
  std::size_t left_out = 0;        ///< rows with a missing value in a used column, or a negative time without an entry
  std::vector<std::string> notes;  ///< how the table was read, what each value of the event means, what was left out
  std::size_t events = 0;
  std::string coding{};  ///< of a numeric event column: "0/1" or "1/2"; empty for others
};

/// Picks the rows that have a value in every outcome column and in `used`. What a value of the event column means is
/// judged from all rows of the table as it was read, also where `table` is a subset; words such as "unknown" in it are
/// missing. Throws Error{UnusableInput}: a column that is absent, an event column with other values, weights not
/// positive, entry not before time, no row left.
[[nodiscard]] SurvivalFrame make_survival_frame(const stats::DataFrame& table, const OutcomeColumns& outcome,
                                                const std::vector<std::string>& used = {});

}  // namespace gliocast::survival
