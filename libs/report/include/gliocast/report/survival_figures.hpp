#pragma once
#include <filesystem>
#include <string>
#include <vector>

namespace gliocast::report {

// Figures for papers by gnuplot, in SVG, PDF or PNG by the file's ending. All throw Error{CannotWrite} where gnuplot is
// absent or fails, Error{WrongUse} on another ending; so numbers are printed before a figure is drawn.

/// One survival curve as a staircase.
struct CurveFigure {
  std::string label;
  std::vector<double> time, survival, lower, upper;  ///< at each step; lower, upper may be NaN
  std::vector<double> censor_time, censor_survival;  ///< marks
  std::vector<double> at_risk;                       ///< one a tick of the time axis
};
/// Ticks that a figure of this follow-up uses; numbers at risk are counted at them.
[[nodiscard]] std::vector<double> time_ticks(double last, double first = 0);
/// The band is drawn wherever both limits are defined. `remark` stands above the curves.
void draw_survival_curves(const std::filesystem::path& file, const std::string& time_label,
                          const std::vector<CurveFigure>& curves, const std::string& remark);

struct ForestRow {
  std::string label;
  double estimate = 0, lower = 0, upper = 0, p = 0;
  bool reference = false;  ///< a reference level: ratio 1, no interval
};
/// Every row is drawn: limits beyond the axis as arrows, what cannot be estimated (NaN, limits of 0 and infinity) as
/// the words "not estimable" and an arrow where the direction is known. `interval`: title of the column of intervals.
void draw_forest(const std::filesystem::path& file, const std::string& axis, const std::string& interval,
                 const std::vector<ForestRow>& rows);

/// Points with intervals and lines on two linear axes: calibration, ROC, decision curves. NaN parts a line or band; a
/// point without limits has no bar.
struct XySeries {
  std::string label;
  std::vector<double> x, y, lower, upper;  ///< lower, upper empty without intervals
  bool points = false, dashed = false;
  int colour = -1;  ///< which of the colours in turn; -1: the series' own
};
struct XyFigure {
  std::string title, x_label, y_label;
  double x_low = 0, x_high = 1, y_low = 0, y_high = 1;
  bool diagonal = false, square = false, key_on_top = false;
  std::vector<XySeries> series;
};
void draw_xy(const std::filesystem::path& file, const XyFigure& figure);

/// A map of all pairs of cuts: low cut to the right, high cut upwards, colour by chi-square; a cell spans the values
/// that make the same groups.
struct CutMapPanel {
  std::string title;
  std::vector<double> low, low_end, high, high_end, chi_square;  ///< one a pair; NaN is left blank
  double best_low = 0, best_high = 0;                            ///< marked with a cross
};
void draw_cut_map(const std::filesystem::path& file, const std::string& value, const std::vector<CutMapPanel>& panels);

}  // namespace gliocast::report
