#include "survival_parts.hpp"

#include <gliocast/analysis/cells.hpp>
#include <gliocast/core/error.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/stats/distributions.hpp>
#include <gliocast/survival/calibration.hpp>
#include <gliocast/survival/kaplan_meier.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

namespace gliocast::analysis {
namespace {

constexpr int kThresholds = 100;
constexpr double kSame = 1e-12;                    // predictions that differ by rounding alone
constexpr std::size_t kFewValues = 4;              // of predictions: too few for a curve
constexpr double kLowest = -0.1, kHeadroom = 1.1;  // of the figure: far below 0 no curve is of interest

Json coefficients_json(const survival::CoxAnalysis& a, double level, TextTable& table, const std::string& model) {
  Json list = Json::array();
  const bool robust = a.fit.robust_variance.rows > 0;
  for (std::size_t c = 0; c < a.fit.coefficients.size(); ++c) {
    const HazardRatio h = hazard_ratio(a.fit, c, level);
    list.push_back({{"term", a.data.names[c]},
                    {"estimate", finite_or_null(h.coefficient.value)},
                    {"se", finite_or_null(h.se)},
                    {"robust_se", robust ? finite_or_null(h.coefficient.se) : Json(nullptr)},
                    {"z", finite_or_null(h.test.statistic)},
                    {"p", finite_or_null(h.test.p)},
                    {"hazard_ratio", finite_or_null(h.ratio.value)},
                    {"lower", finite_or_null(h.ratio.low)},
                    {"upper", finite_or_null(h.ratio.high)}});
    table.rows.push_back({model, a.data.names[c], cell(h.coefficient.value), cell(h.se),
                          robust ? cell(h.coefficient.se) : "NA", cell(h.test.statistic), cell(h.test.p),
                          cell(h.ratio.value), cell(h.ratio.low), cell(h.ratio.high)});
  }
  return list;
}

/// Kaplan–Meier of the groups at one time.
Json groups_json(const std::vector<survival::CalibrationGroup>& groups, double time, CalibrationAt& at) {
  Json list = Json::array();
  for (std::size_t g = 0; g < groups.size(); ++g) {
    const auto& c = groups[g];
    const auto& observed = c.observed;
    list.push_back({{"n", c.n},
                    {"events", c.events},
                    {"predicted", finite_or_null(c.predicted)},
                    {"observed", finite_or_null(observed.value)},
                    {"std_error", finite_or_null(observed.se)},
                    {"lower", finite_or_null(observed.low)},
                    {"upper", finite_or_null(observed.high)}});
    at.rows.push_back(
        {cell(time), std::to_string(g + 1), std::to_string(c.n), std::to_string(c.events), cell(c.predicted)});
    add_cells(at.rows.back(), observed);
    if (std::isnan(observed.value)) continue;
    at.without_interval += observed.value == 0;
    at.points.x.push_back(c.predicted);
    at.points.y.push_back(observed.value);
    at.points.low.push_back(observed.low);
    at.points.high.push_back(observed.high);
  }
  return list;
}

/// Mean |Kaplan–Meier − predicted| where predictions have a few values only and each group of rows is its own curve,
/// as by one factor or none; else NaN, as where a group is not followed so far.
double distance_of_few(const survival::SurvivalSample& sample, const std::vector<double>& predicted, double time) {
  std::map<double, std::vector<std::size_t>> groups;
  for (std::size_t i = 0; i < predicted.size(); ++i) {
    const auto near = groups.lower_bound(predicted[i] - kSame);
    const bool known = near != groups.end() && near->first <= predicted[i] + kSame;
    groups[known ? near->first : predicted[i]].push_back(i);
  }
  if (groups.size() > kFewValues) return std::numeric_limits<double>::quiet_NaN();
  double sum = 0;
  for (const auto& [value, rows] : groups) {
    const auto curve = survival::kaplan_meier(survival::take(sample, rows));
    if (time > curve.steps.back().time) return std::numeric_limits<double>::quiet_NaN();
    const auto* step = curve.at(time);
    sum += static_cast<double>(rows.size()) * std::fabs((step != nullptr ? step->survival : 1) - value);
  }
  return sum / static_cast<double>(predicted.size());
}

}  // namespace

HazardRatio hazard_ratio(const survival::CoxFit& fit, std::size_t c, double level) {
  const double b = fit.coefficients[c];
  HazardRatio h;
  h.se = std::isnan(b) ? NAN : std::sqrt(fit.variance(c, c));
  h.coefficient = stats::normal_estimate(b, std::isnan(b) ? NAN : std::sqrt(fit.used_variance()(c, c)), level);
  h.test = {b / h.coefficient.se, 0, stats::normal_two_sided(b / h.coefficient.se)};
  h.ratio = {std::exp(b), NAN, std::exp(h.coefficient.low), std::exp(h.coefficient.high), level};
  return h;
}

std::vector<std::string> coefficient_columns() {
  return {"model", "term", "estimate", "se", "robust_se", "z", "p", "hazard_ratio", "lower", "upper"};
}

Json cox_fit_json(const survival::CoxAnalysis& a, double level, TextTable& table, const std::string& model) {
  return {{"formula", a.model.design.formula().text},
          {"n", a.fit.n},
          {"events", a.fit.events},
          {"left_out", a.used.left_out},
          {"iterations", a.fit.iterations},
          {"converged", a.fit.converged},
          {"log_likelihood", {{"null", a.fit.log_likelihood_null}, {"fitted", a.fit.log_likelihood}}},
          {"tests",
           {{"likelihood_ratio", test_json(a.fit.likelihood_ratio)},
            {"wald", test_json(a.fit.wald)},
            {"score", test_json(a.fit.score)}}},
          {"coefficients", coefficients_json(a, level, table, model)},
          {"concordance",
           {{"estimate", finite_or_null(a.model.concordance.value)}, {"se", finite_or_null(a.model.concordance.se)}}},
          {"warnings", a.fit.warnings}};
}

CalibrationAt calibration_at(const survival::SurvivalSample& sample, const std::vector<double>& predicted, double time,
                             std::size_t groups, std::size_t knots, double level) {
  CalibrationAt at;
  at.points.points = true;
  at.groups = groups_json(survival::grouped_calibration(sample, predicted, time, groups, level), time, at);
  at.ici = std::numeric_limits<double>::quiet_NaN();
  try {
    const auto smooth = survival::smooth_calibration(sample, predicted, time, knots);
    if (!std::isfinite(smooth.ici))
      throw unusable_input("the predictions part the events (separation): there is no smooth curve");
    at.smooth = {{"predicted", numbers_json(smooth.predicted)},
                 {"observed", numbers_json(smooth.observed)},
                 {"ici", smooth.ici},
                 {"e50", smooth.e50},
                 {"e90", smooth.e90}};
    at.ici = smooth.ici;
    at.curve = {"", smooth.predicted, smooth.observed, {}, {}, false, true};
  } catch (const Error& e) {
    at.no_curve = e.problem();
    at.ici = distance_of_few(sample, predicted, time);
  }
  return at;
}

XyFigure calibration_figure() {
  return {"", "Predicted survival", "Observed survival", 0, 1, 0, 1, true, {}, "Calibration of predicted survival"};
}

std::vector<double> decision_thresholds() {
  std::vector<double> thresholds;
  for (int i = 1; i < kThresholds; ++i) thresholds.push_back(i / static_cast<double>(kThresholds));
  return thresholds;
}

XyFigure decision_figure() {
  return {"", "Threshold risk of the event", "Net benefit", 0, 1, kLowest, 0.1, false, {}, "Decision curves"};
}

void add_net_benefit(const std::string& label, const std::vector<double>& threshold, const std::vector<double>& benefit,
                     bool all, XyFigure& figure) {
  XySeries line;
  line.label = label;
  line.dashed = all;
  for (std::size_t i = 0; i < threshold.size(); ++i) {
    if (all && !(benefit[i] > figure.y_low)) continue;
    line.x.push_back(threshold[i]);
    line.y.push_back(benefit[i]);  // NaN parts the line
    if (std::isfinite(benefit[i])) figure.y_high = std::max(figure.y_high, benefit[i] * kHeadroom);
  }
  figure.series.push_back(std::move(line));
}

void add_treat_none(XyFigure& figure) { figure.series.push_back({"treat none", {0, 1}, {0, 0}, {}, {}, false, true}); }

}  // namespace gliocast::analysis
