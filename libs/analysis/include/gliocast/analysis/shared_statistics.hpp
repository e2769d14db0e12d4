#pragma once
#include <gliocast/analysis/figures.hpp>
#include <gliocast/analysis/small_cells.hpp>
#include <gliocast/core/json.hpp>
#include <gliocast/core/table.hpp>
#include <gliocast/stats/estimate.hpp>
#include <gliocast/survival/sample.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace gliocast::analysis {

// How a frozen model did on a cohort, as statistics that may leave the hospital: no row of a patient, no small count
// and nothing that tells one. Counts go into `cells` first; what may be told is decided by cells.protect(), after which
// the tables are made.

/// A number, and what it takes to be told.
struct SharedStatistic {
  std::string name, label;                ///< of JSON, and for readers
  stats::Estimate estimate;               ///< limits NaN where there are none; NaN throughout: not estimable
  std::vector<CountCells::Cell> of{};     ///< groups it is computed of: each must hold enough patients
  std::vector<CountCells::Cell> tells{};  ///< counts that it would tell: each must be told
};
[[nodiscard]] bool may_be_told(const SharedStatistic& statistic, const CountCells& cells);
/// Columns statistic, estimate, lower, upper; "withheld" where it may not be told.
[[nodiscard]] TextTable statistics_table(const std::vector<SharedStatistic>& statistics, const CountCells& cells);
/// {name: {"estimate", "se", "lower", "upper"}, or "withheld"}.
[[nodiscard]] Json statistics_json(const std::vector<SharedStatistic>& statistics, const CountCells& cells);

struct SharingOptions {
  double level = 0.95;
  bool recalibrate = false;
  std::uint64_t seed = 1;  ///< of the folds of the recalibration
};

/// What was said of the grade of patients with a known one, a value each.
struct GradedRows {
  std::vector<std::string> ids;
  std::vector<double> probability;  ///< of high grade
  std::vector<int> truth, positive;
};
/// Patients of like probability, of each grade enough.
struct SharedBin {
  std::size_t n = 0, high = 0;
  double predicted = 0;  ///< mean
  stats::Estimate observed;
};
struct SharedGrading {
  CountCells::Cell n = 0, high = 0, low = 0;
  std::vector<CountCells::Cell> counts;     ///< all, in order, for a table
  std::vector<SharedStatistic> statistics;  ///< auc (DeLong), sensitivity and specificity (Wilson), calibration, brier
  std::vector<SharedStatistic> recalibrated;  ///< before and after, cross-validated; empty where not asked for
  std::vector<SharedBin> bins;                ///< fewer than two: nothing to draw
  stats::Estimate intercept, slope;           ///< of the calibration
};
/// `n`: the cell of these rows' number.
[[nodiscard]] SharedGrading share_grading(const GradedRows& rows, CountCells::Cell n, const SharingOptions& options,
                                          CountCells& cells);
/// Groups and the logistic line, which knows no single patient; nothing where they may not be told.
[[nodiscard]] std::optional<XyFigure> shared_calibration(const SharedGrading& grading, const CountCells& cells);

/// What was said of the survival of patients with a known one, a value each.
struct SurvivalRows {
  std::vector<std::string> ids;
  survival::SurvivalSample outcome;
  std::vector<double> signature;  ///< low = poor survival
  std::vector<char> high_risk;
  std::vector<double> times;
  std::vector<std::vector<double>> survival;  ///< [row][time]; NaN where the model has none
  std::string unit;                           ///< of the times
};
struct SharedSurvival {
  CountCells::Cell n = 0, events = 0;
  std::vector<CountCells::Cell> counts;
  std::vector<SharedStatistic> statistics;    ///< c_index, hazard ratio, log-rank P, calibration slope
  std::vector<SharedStatistic> at_times;      ///< predicted and observed survival, Brier scores
  std::vector<SharedStatistic> recalibrated;  ///< before and after, cross-validated; empty where not asked for
};
[[nodiscard]] SharedSurvival share_survival(const SurvivalRows& rows, CountCells::Cell n, const SharingOptions& options,
                                            CountCells& cells);

/// How patients are described: mean and standard deviation of numbers, counts of levels; levels with few patients are
/// put together as "other", unnamed. `n`: the cell of the table's rows.
class SharedCharacteristics {
 public:
  SharedCharacteristics(const TextTable& rows, const std::vector<std::string>& columns, CountCells::Cell n,
                        CountCells& cells);
  /// Columns characteristic, value.
  [[nodiscard]] TextTable table(const CountCells& cells) const;

 private:
  struct Line {
    std::string label;
    std::optional<CountCells::Cell> count{};
    std::string text{};                  ///< in place of a count
    std::vector<CountCells::Cell> of{};  ///< what the text is of
  };
  void add_numbers(const std::string& column, const std::vector<double>& values, CountCells::Cell n, CountCells& cells);
  void add_levels(const std::string& column, const std::vector<std::string>& values, CountCells::Cell n,
                  CountCells& cells);
  std::vector<Line> lines_;
};

}  // namespace gliocast::analysis
