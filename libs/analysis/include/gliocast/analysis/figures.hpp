#pragma once
#include <gliocast/stats/estimate.hpp>
#include <gliocast/survival/kaplan_meier.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace gliocast::analysis {

// What a figure shows, as plain data; report::draw() draws it.

/// One survival curve as a staircase.
struct CurveFigure {
  std::string label;
  std::vector<double> time, survival, low, high;     ///< at each step; low, high may be NaN
  std::vector<double> censor_time, censor_survival;  ///< marks
  std::vector<double> at_risk;                       ///< one a tick of the time axis
};
/// Kaplan–Meier curves with numbers at risk. The band is drawn wherever both limits are defined.
struct SurvivalCurvesFigure {
  std::string time_label;
  std::vector<CurveFigure> curves;
  std::string remark;  ///< stands above the curves
};

/// One ratio with its interval.
struct ForestRow {
  std::string label;
  stats::Estimate ratio;
  double p = 0;
  bool reference = false;  ///< a reference level: ratio 1, no interval
};
/// Every row is drawn: limits beyond the axis as arrows, what cannot be estimated (NaN, limits of 0 and infinity) as
/// the words "not estimable" and an arrow where the direction is known.
struct ForestFigure {
  std::string axis, interval;  ///< titles of the axis and of the column of intervals
  std::vector<ForestRow> rows;
};

/// Points with intervals, or a line. NaN parts a line or band; a point without limits has no bar.
struct XySeries {
  std::string label;
  std::vector<double> x, y, low, high;  ///< low, high empty without intervals
  bool points = false, dashed = false;
  int colour = -1;  ///< which of the colours in turn; -1: the series' own
};
/// Series on two linear axes: calibration, ROC, decision curves.
struct XyFigure {
  std::string title, x_label, y_label;
  double x_low = 0, x_high = 1, y_low = 0, y_high = 1;
  bool diagonal = false;
  std::vector<XySeries> series;
  std::string name{};  ///< what the figure is, for its file: "ROC curve"; not drawn
};

/// A map of all pairs of cuts: low cut to the right, high cut upwards, colour by chi-square; a cell spans the values
/// that make the same groups.
struct CutMapPanel {
  std::string title;
  std::vector<double> low, low_end, high, high_end, chi_square;  ///< one a pair; NaN is left blank
  double best_low = 0, best_high = 0;                            ///< marked with a cross
};
struct CutMapFigure {
  std::string value;  ///< what is cut
  std::vector<CutMapPanel> panels;
};

struct NomogramMark {
  std::string label;
  double points = 0;
};
struct NomogramLine {
  std::string label;
  std::vector<NomogramMark> marks;
  /// Every mark is named, in rows of their own if need be; else names without room are left out.
  bool discrete = false;
  std::vector<double> patient{};  ///< points of one patient, or of each case that is possible: marked
};
/// Predictors on a scale of 0 to 100 points, then total points and what they mean on a scale of their own.
struct NomogramFigure {
  std::string title;
  double longest = 100;  ///< largest mark of total points
  std::vector<NomogramLine> predictors, totals;
};

/// How many patients are left after each rule, and how many it removed: a flow chart, one column a cohort.
struct PatientFlow {
  struct Step {
    std::string label;
    std::size_t left = 0;                                        ///< patients who are left after this step
    std::vector<std::pair<std::string, std::size_t>> removed{};  ///< by each rule on the way to it
  };
  struct Cohort {
    std::string name;
    std::vector<Step> steps;
  };
  std::vector<Cohort> cohorts;
};

/// What is done after what: rows of boxes from the top down, with arrows from a row to the next.
struct Workflow {
  struct Box {
    std::string title;
    std::vector<std::string> lines{};                ///< below it, smaller
    std::optional<std::vector<std::size_t>> from{};  ///< boxes of the row above that lead to it; nothing: all
  };
  std::string title;  ///< what the figure is, for readers of the file
  std::vector<std::vector<Box>> rows;
};

using FigureSpecification =
    std::variant<SurvivalCurvesFigure, ForestFigure, XyFigure, CutMapFigure, NomogramFigure, PatientFlow, Workflow>;

/// The unit that a column of times names as its last word ("OS_months", "os.days", "Time (years)"): "months"; empty
/// where it names none.
[[nodiscard]] std::string time_unit(const std::string& column);
/// The title of an axis of these times: "OS (months)"; the column's name where its unit is not known.
[[nodiscard]] std::string time_axis(const std::string& column);
/// A time in a legend: "12 months", or "12" where the unit is not known.
[[nodiscard]] std::string time_text(double time, const std::string& column);

/// Ticks of an axis of time over this follow-up; numbers at risk are counted at them.
[[nodiscard]] std::vector<double> time_ticks(double last, double first = 0);

/// Curves with their intervals, censoring marks and numbers at risk. `labels`: one a curve.
[[nodiscard]] SurvivalCurvesFigure survival_curves_figure(const std::string& time_label,
                                                          const std::vector<std::string>& labels,
                                                          const std::vector<survival::KaplanMeierCurve>& curves,
                                                          const std::string& remark);

}  // namespace gliocast::analysis
