#include <gliocast/analysis/shared_statistics.hpp>

#include <gliocast/analysis/recalibration.hpp>
#include <gliocast/core/error.hpp>
#include <gliocast/stats/classification_metrics.hpp>
#include <gliocast/stats/probability_calibration.hpp>
#include <gliocast/stats/roc.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <utility>

namespace gliocast::analysis {
namespace {

using Cell = CountCells::Cell;

/// Cells of the classification.
struct Confused {
  Cell tp = 0, fn = 0, fp = 0, tn = 0;
};

Confused add_confusion(const stats::Confusion& c, SharedGrading& out, CountCells& cells) {
  Confused k;
  k.tp = cells.add("high grade, called high (TP)", c.true_positive);
  k.fn = cells.add("high grade, called low (FN)", c.false_negative);
  k.fp = cells.add("low grade, called high (FP)", c.false_positive);
  k.tn = cells.add("low grade, called low (TN)", c.true_negative);
  cells.sum(out.n, {out.high, out.low});
  cells.sum(out.high, {k.tp, k.fn});
  cells.sum(out.low, {k.fp, k.tn});
  out.counts = {out.n, out.high, out.low, k.tp, k.fn, k.fp, k.tn};
  return k;
}

/// From low to high probability; a bin ends as soon as it has enough of each grade, equal probabilities stay together.
std::vector<SharedBin> bins_of(const GradedRows& rows, std::size_t least, double level) {
  std::vector<std::size_t> order(rows.truth.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, {}, [&](std::size_t i) { return rows.probability[i]; });
  std::vector<SharedBin> bins(1);
  for (std::size_t k = 0; k < order.size(); ++k) {
    const bool tied = k > 0 && rows.probability[order[k]] == rows.probability[order[k - 1]];
    if (!tied && bins.back().high >= least && bins.back().n - bins.back().high >= least) bins.emplace_back();
    auto& b = bins.back();
    ++b.n;
    b.high += rows.truth[order[k]] == 1 ? 1U : 0U;
    b.predicted += rows.probability[order[k]];
  }
  if (auto& last = bins.back(); bins.size() > 1 && (last.high < least || last.n - last.high < least)) {
    auto& before = bins[bins.size() - 2];
    before.n += last.n;
    before.high += last.high;
    before.predicted += last.predicted;
    bins.pop_back();
  }
  for (auto& b : bins) {
    b.predicted /= static_cast<double>(b.n);
    b.observed = stats::share_estimate(b.high, b.n, level);
  }
  return bins;
}

/// Calibration of one set of probabilities, for the table of recalibration.
void add_calibration(const std::string& name, const std::string& label, const std::vector<double>& probability,
                     const GradedRows& rows, double level, SharedGrading& out) {
  const std::vector<Cell> of{out.high, out.low};
  const auto unknown = stats::unknown_estimate(level);
  const bool known = !probability.empty();
  const auto line = known ? stats::calibration_line(probability, rows.truth, level)
                          : stats::CalibrationLine{unknown, unknown, unknown};
  const double brier = known ? stats::brier_score(probability, rows.truth) : std::nan("");
  out.recalibrated.push_back({name + "_in_the_large", label + ": calibration in the large", line.in_the_large, of, {}});
  out.recalibrated.push_back({name + "_slope", label + ": calibration slope", line.slope, of, {}});
  out.recalibrated.push_back({name + "_brier", label + ": Brier score", stats::value_alone(brier, level), of, {}});
}

void recalibrate(const GradedRows& rows, const SharingOptions& o, SharedGrading& out) {
  add_calibration("before", "as it came", rows.probability, rows, o.level, out);
  for (const bool large : {true, false}) {
    const auto again = recalibrate_probabilities(rows.probability, rows.truth, rows.ids, large, {10, o.seed});
    const std::string name = large ? "intercept" : "line";
    const std::string label =
        large ? "intercept fitted here, cross-validated" : "intercept and slope fitted here, cross-validated";
    add_calibration(name, label, again.probability, rows, o.level, out);
    const std::vector<Cell> of{out.high, out.low};
    out.recalibrated.push_back(
        {name + "_fitted_intercept",
         "to use here, of all patients: intercept" + std::string(large ? " (slope 1)" : " (with the slope below)"),
         stats::value_alone(again.intercept, o.level),
         of,
         {}});
    if (!large)
      out.recalibrated.push_back({name + "_fitted_slope",
                                  "to use here, of all patients: slope",
                                  stats::value_alone(again.slope, o.level),
                                  of,
                                  {}});
  }
}

void add_performance(const GradedRows& rows, const Confused& k, const stats::Confusion& c, double level,
                     SharedGrading& out) {
  const auto& [high, low] = std::pair(out.high, out.low);
  const std::vector<Cell> both{high, low};
  auto& list = out.statistics;
  list.push_back({"auc", "AUC (DeLong)", stats::auc_delong(rows.probability, rows.truth, level), both, {}});
  list.push_back({"sensitivity",
                  "Sensitivity (Wilson)",
                  stats::share_estimate(c.true_positive, c.true_positive + c.false_negative, level),
                  {high},
                  {k.tp, k.fn}});
  list.push_back({"specificity",
                  "Specificity (Wilson)",
                  stats::share_estimate(c.true_negative, c.true_negative + c.false_positive, level),
                  {low},
                  {k.tn, k.fp}});
  list.push_back(
      {"calibration_in_the_large", "Calibration in the large (0 is best)", stats::unknown_estimate(level), both, {}});
  list.push_back({"calibration_intercept", "Calibration intercept (0 is best)", out.intercept, both, {}});
  list.push_back({"calibration_slope", "Calibration slope (1 is best)", out.slope, both, {}});
  list.push_back(
      {"brier", "Brier score", stats::value_alone(stats::brier_score(rows.probability, rows.truth), level), both, {}});
  list.push_back({"scaled_brier",
                  "Scaled Brier score",
                  stats::value_alone(stats::scaled_brier_score(rows.probability, rows.truth), level),
                  both,
                  {}});
}

}  // namespace

SharedGrading share_grading(const GradedRows& rows, Cell n, const SharingOptions& o, CountCells& cells) {
  SharedGrading out;
  out.n = n;
  const auto c = stats::confusion_at({rows.positive.begin(), rows.positive.end()}, rows.truth, 0.5);
  out.high = cells.add("high grade", c.true_positive + c.false_negative);
  out.low = cells.add("low grade", c.true_negative + c.false_positive);
  const auto k = add_confusion(c, out, cells);
  const bool both = cells.count_of(out.high) > 0 && cells.count_of(out.low) > 0;
  out.intercept = out.slope = stats::unknown_estimate(o.level);
  stats::Estimate large = out.slope;
  if (both) {
    const auto line = stats::calibration_line(rows.probability, rows.truth, o.level);
    out.intercept = line.intercept;
    out.slope = line.slope;
    large = line.in_the_large;
  }
  add_performance(rows, k, c, o.level, out);
  std::ranges::find(out.statistics, "calibration_in_the_large", &SharedStatistic::name)->estimate = large;
  if (!cells.enough({out.high, out.low})) return out;
  out.bins = bins_of(rows, cells.least(), o.level);
  if (o.recalibrate) recalibrate(rows, o, out);
  return out;
}

std::optional<XyFigure> shared_calibration(const SharedGrading& grading, const CountCells& cells) {
  if (grading.bins.size() < 2 || !cells.all_told({grading.high, grading.low})) return std::nullopt;
  XyFigure figure{"", "Predicted probability of high grade", "Observed share", 0, 1, 0, 1, true,
                  {}, "Calibration of probabilities"};
  XySeries groups, line;
  groups.label = "groups, " + std::to_string(cells.least()) + " patients or more of each grade";
  groups.points = true;
  for (const auto& b : grading.bins) {
    groups.x.push_back(b.predicted);
    groups.y.push_back(b.observed.value);
    groups.low.push_back(b.observed.low);
    groups.high.push_back(b.observed.high);
  }
  figure.series.push_back(std::move(groups));
  if (std::isfinite(grading.slope.value)) {
    line.label = "logistic";
    for (int i = 1; i < 100; ++i) {
      const double p = i / 100.0, lp = grading.intercept.value + grading.slope.value * std::log(p / (1 - p));
      line.x.push_back(p);
      line.y.push_back(1 / (1 + std::exp(-lp)));
    }
    figure.series.push_back(std::move(line));
  }
  return figure;
}

}  // namespace gliocast::analysis
