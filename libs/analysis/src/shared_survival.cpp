#include <gliocast/analysis/shared_statistics.hpp>

#include <gliocast/analysis/recalibration.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/survival/brier.hpp>
#include <gliocast/survival/calibration.hpp>
#include <gliocast/survival/concordance.hpp>
#include <gliocast/survival/cox.hpp>
#include <gliocast/survival/kaplan_meier.hpp>
#include <gliocast/survival/log_rank.hpp>

#include <algorithm>
#include <cmath>
#include <functional>
#include <string>
#include <utility>

namespace gliocast::analysis {
namespace {

using Cell = CountCells::Cell;

std::size_t count_rows(const SurvivalRows& rows, const std::function<bool(std::size_t)>& is) {
  std::size_t n = 0;
  for (std::size_t i = 0; i < rows.outcome.rows(); ++i) n += is(i) ? 1U : 0U;
  return n;
}

/// Cells of the two groups; those that are not printed could be had by subtraction.
struct Groups {
  Cell high = 0, low = 0, high_events = 0, low_events = 0;
};

Groups add_groups(const SurvivalRows& rows, SharedSurvival& out, CountCells& cells) {
  const auto of = [&](bool high, bool event) {
    return count_rows(
        rows, [&](std::size_t i) { return (rows.high_risk[i] != 0) == high && (rows.outcome.event[i] != 0) == event; });
  };
  const std::size_t he = of(true, true), hc = of(true, false), le = of(false, true), lc = of(false, false);
  out.events = cells.add("died", he + le);
  const Cell alive = cells.add("censored", hc + lc);
  Groups g;
  g.high = cells.add("high risk", he + hc);
  g.low = cells.add("low risk", le + lc);
  g.high_events = cells.add("high risk, died", he);
  g.low_events = cells.add("low risk, died", le);
  const Cell high_alive = cells.add("high risk, censored", hc, false),
             low_alive = cells.add("low risk, censored", lc, false);
  cells.sum(out.n, {out.events, alive});
  cells.sum(out.n, {g.high, g.low});
  cells.sum(g.high, {g.high_events, high_alive});
  cells.sum(g.low, {g.low_events, low_alive});
  cells.sum(out.events, {g.high_events, g.low_events});
  cells.sum(alive, {high_alive, low_alive});
  out.counts = {out.n, out.events, alive, g.high, g.low, g.high_events, g.low_events};
  return g;
}

/// Hazard of the group of high risk over that of low risk, Wald's interval.
stats::Estimate hazard_ratio(const SurvivalRows& rows, double level) {
  survival::CoxData data;
  data.time = rows.outcome.time;
  data.event = rows.outcome.event;
  data.names = {"high risk"};
  data.x = stats::Matrix(rows.high_risk.size(), 1);
  std::ranges::copy(rows.high_risk, data.x.values.begin());
  const auto fit = survival::fit_cox(data);
  if (fit.infinite(0) || !std::isfinite(fit.coefficients.front())) return stats::unknown_estimate(level);
  const double se = std::sqrt(fit.variance(0, 0));
  const auto log_ratio = stats::normal_estimate(fit.coefficients.front(), se, level);
  return {std::exp(log_ratio.value), se, std::exp(log_ratio.low), std::exp(log_ratio.high), level};
}

void add_comparison(const SurvivalRows& rows, const Groups& g, double level, const CountCells& cells,
                    SharedSurvival& out) {
  const std::vector<Cell> of{g.high, g.low, g.high_events, g.low_events};
  auto ratio = stats::unknown_estimate(level);
  double p = std::nan("");
  if (cells.enough(of)) {
    ratio = hazard_ratio(rows, level);
    p = survival::log_rank(rows.outcome, {rows.high_risk.begin(), rows.high_risk.end()}, {"low risk", "high risk"}).p;
  }
  out.statistics.push_back({"hazard_ratio", "Hazard ratio, high risk against low", ratio, of, {}});
  out.statistics.push_back({"log_rank_p", "Log-rank P", stats::value_alone(p, level), of, {}});
}

/// Died by a time and followed beyond it, and what is between two times.
struct AtTime {
  Cell died = 0, followed = 0;
};

std::vector<AtTime> add_times(const SurvivalRows& rows, SharedSurvival& out, CountCells& cells) {
  const auto died_until = [&](double t) {
    return count_rows(rows, [&](std::size_t i) { return rows.outcome.event[i] != 0 && rows.outcome.time[i] <= t; });
  };
  const auto followed_beyond = [&](double t) {
    return count_rows(rows, [&](std::size_t i) { return rows.outcome.time[i] > t; });
  };
  std::vector<AtTime> at;
  for (std::size_t t = 0; t < rows.times.size(); ++t) {
    const std::string time = shortest(rows.times[t]) + " " + rows.unit;
    const std::size_t died = died_until(rows.times[t]), followed = followed_beyond(rows.times[t]);
    AtTime a{cells.add("died within " + time, died), cells.add("followed beyond " + time, followed)};
    const std::size_t n = cells.count_of(out.n), events = cells.count_of(out.events);
    cells.sum(out.n, {a.died, a.followed, cells.add_left_out("censored within " + time, n - died - followed, false)});
    cells.sum(out.events, {a.died, cells.add("died after " + time, events - died, false)});
    if (t > 0) {
      const auto& b = at.back();
      cells.sum(a.died, {b.died, cells.add("died since", died - cells.count_of(b.died), false)});
      cells.sum(b.followed,
                {a.followed, cells.add_left_out("left since", cells.count_of(b.followed) - followed, false)});
    }
    out.counts.insert(out.counts.end(), {a.died, a.followed});
    at.push_back(a);
  }
  return at;
}

std::vector<double> column_of(const std::vector<std::vector<double>>& rows, std::size_t t) {
  std::vector<double> out;
  for (const auto& r : rows) out.push_back(r[t]);
  return out;
}

bool known(const std::vector<double>& values) {
  return !values.empty() && std::ranges::all_of(values, [](double v) { return std::isfinite(v); });
}

stats::Estimate brier(const SurvivalRows& rows, const std::vector<double>& predicted, double time, double level) {
  if (!known(predicted)) return stats::unknown_estimate(level);
  return survival::brier_score(rows.outcome, survival::CensoringCurve(rows.outcome), predicted, time, level);
}

stats::Estimate observed_at(const SurvivalRows& rows, double time, double level) {
  const auto curve = survival::kaplan_meier(rows.outcome, {.level = level});
  if (time > curve.steps.back().time) return stats::unknown_estimate(level);
  const auto* step = curve.at(time);
  if (step == nullptr) return {1, 0, 1, 1, level};
  return {step->survival, step->survival * step->se, step->low, step->high, level};
}

void judge_times(const SurvivalRows& rows, const std::vector<AtTime>& at, double level, SharedSurvival& out) {
  for (std::size_t t = 0; t < at.size(); ++t) {
    const std::string of_time = " at " + shortest(rows.times[t]) + " " + rows.unit;
    const std::string name = "_" + shortest(rows.times[t]);
    const std::vector<Cell> of{at[t].died, at[t].followed};
    const auto predicted = column_of(rows.survival, t);
    double mean = 0;
    for (const double v : predicted) mean += v / static_cast<double>(predicted.size());
    const double of_all =
        survival::brier_score_of_kaplan_meier(rows.outcome, survival::CensoringCurve(rows.outcome), rows.times[t]);
    out.at_times.push_back(
        {"predicted" + name, "Predicted survival" + of_time, stats::value_alone(mean, level), {out.n}, {}});
    out.at_times.push_back(
        {"observed" + name, "Observed survival" + of_time, observed_at(rows, rows.times[t], level), of, of});
    out.at_times.push_back(
        {"brier" + name, "Brier score" + of_time, brier(rows, predicted, rows.times[t], level), of, of});
    out.at_times.push_back({"brier_kaplan_meier" + name, "Brier score of one curve for all" + of_time,
                            stats::value_alone(of_all, level), of, of});
  }
}

/// log(−log S) at the last time at which nobody is sure to live or to die; empty where there is none.
std::vector<double> predictor_of(const SurvivalRows& rows) {
  for (std::size_t t = rows.times.size(); t-- > 0;) {
    std::vector<double> out;
    for (const auto& r : rows.survival) out.push_back(std::log(-std::log(r[t])));
    if (known(out)) return out;
  }
  return {};
}

void recalibrate(const SurvivalRows& rows, const std::vector<double>& predictor, const std::vector<AtTime>& at,
                 const SharingOptions& o, SharedSurvival& out) {
  const auto baseline = recalibrate_survival(rows.outcome, predictor, rows.times, rows.ids, true, {10, o.seed}),
             slope = recalibrate_survival(rows.outcome, predictor, rows.times, rows.ids, false, {10, o.seed});
  for (std::size_t t = 0; t < at.size(); ++t) {
    const std::string of_time = ": Brier score at " + shortest(rows.times[t]) + " " + rows.unit;
    const std::vector<Cell> of{at[t].died, at[t].followed};
    const auto add = [&](const char* name, const char* label, const std::vector<std::vector<double>>& survival) {
      const auto predicted = survival.empty() ? std::vector<double>() : column_of(survival, t);
      out.recalibrated.push_back({std::string(name) + "_brier_" + shortest(rows.times[t]), label + of_time,
                                  brier(rows, predicted, rows.times[t], o.level), of, of});
    };
    add("before", "as it came", rows.survival);
    add("baseline", "baseline fitted here, cross-validated", baseline.survival);
    add("slope", "baseline and slope fitted here, cross-validated", slope.survival);
  }
  out.recalibrated.push_back({"fitted_slope",
                              "to use here, of all patients: slope",
                              stats::value_alone(slope.slope, o.level),
                              {out.n, out.events},
                              {}});
}

}  // namespace

SharedSurvival share_survival(const SurvivalRows& rows, Cell n, const SharingOptions& o, CountCells& cells) {
  SharedSurvival out;
  out.n = n;
  const auto groups = add_groups(rows, out, cells);
  const auto at = add_times(rows, out, cells);
  const std::vector<Cell> of{out.n, out.events};
  if (!cells.enough(of)) return out;
  std::vector<double> risk;
  for (const double s : rows.signature) risk.push_back(-s);
  const auto c = survival::concordance(rows.outcome, risk, {survival::ConcordanceWeight::Harrell, o.level, {}});
  out.statistics.push_back({"c_index", "C of the signature", c, of, {}});
  add_comparison(rows, groups, o.level, cells, out);
  judge_times(rows, at, o.level, out);
  const auto predictor = predictor_of(rows);
  if (predictor.empty()) return out;
  out.statistics.push_back({"calibration_slope",
                            "Calibration slope (1 is best)",
                            survival::calibration_slope(rows.outcome, predictor, o.level).estimate,
                            of,
                            {}});
  if (o.recalibrate) recalibrate(rows, predictor, at, o, out);
  return out;
}

}  // namespace gliocast::analysis
