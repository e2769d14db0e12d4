#include <gliocast/survival/cox_model.hpp>

#include <gliocast/core/error.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/core/quantile.hpp>
#include <gliocast/stats/distributions.hpp>
#include <gliocast/stats/spline.hpp>
#include <gliocast/survival/concordance.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <set>

namespace gliocast::survival {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

PredictorRange range_of(const stats::Column& column) {
  std::vector<double> values;
  for (const double v : column.numbers)
    if (!std::isnan(v)) values.push_back(v);
  std::ranges::sort(values);
  PredictorRange range;
  if (values.empty()) return range;
  range.minimum = values.front();
  range.maximum = values.back();
  range.median = quantile_r7(values, 0.5);
  const double q = 10.0 / std::max(static_cast<double>(values.size()), 200.0);
  range.low = quantile_r7(values, q);
  range.high = quantile_r7(values, 1 - q);
  const std::set<double> distinct(values.begin(), values.end());
  if (distinct.size() <= 10) range.values.assign(distinct.begin(), distinct.end());
  return range;
}

/// Number of steps of a baseline at or before `time`.
std::size_t steps_until(const BaselineHazard& b, double time) {
  return static_cast<std::size_t>(std::ranges::upper_bound(b.time, time) - b.time.begin());
}

void add_survival(CoxPrediction& out, double survival, double low, double high) {
  out.survival.push_back(survival);
  out.low.push_back(low);
  out.high.push_back(high);
}

/// Survival at a time with its log interval, NaN without a variance. `centred`: the row's columns less the fit's means.
void add_survival_at(double time, const BaselineHazard& b, const std::vector<double>& centred,
                     const stats::Matrix& variance, double z, CoxPrediction& out) {
  const std::size_t k = steps_until(b, time), p = centred.size();
  const bool known = variance.rows == p;
  if (k == 0) return add_survival(out, 1, known ? 1 : kNaN, known ? 1 : kNaN);
  if (!known) return add_survival(out, std::exp(-b.cumulative[k - 1] * std::exp(out.linear_predictor)), kNaN, kNaN);
  std::vector<double> difference(p);
  double v = b.variance[k - 1];
  for (std::size_t c = 0; c < p; ++c) difference[c] = b.cumulative[k - 1] * centred[c] - b.mean_covariates(k - 1, c);
  for (std::size_t c = 0; c < p; ++c)
    for (std::size_t d = 0; d < p; ++d) v += difference[c] * variance(c, d) * difference[d];
  const double risk = std::exp(out.linear_predictor), hazard = b.cumulative[k - 1] * risk,
               half = z * (std::sqrt(std::max(0.0, v)) * risk), survival = std::exp(-hazard);
  // The logarithm of 0 has no interval.
  add_survival(out, survival, survival > 0 ? std::exp(-hazard - half) : kNaN,
               survival > 0 ? std::min(1.0, std::exp(-hazard + half)) : kNaN);
}

/// First time at which survival is one half or less; NaN where it stays above.
double median_survival(const BaselineHazard& b, double risk) {
  constexpr double kTie = 1e-12;  // a survival of one half, but for rounding
  for (std::size_t k = 0; k < b.time.size(); ++k)
    if (b.cumulative[k] * risk >= std::log(2.0) - kTie) return b.time[k];
  return kNaN;
}

}  // namespace

double CoxModel::last_follow_up() const {
  double last = -std::numeric_limits<double>::infinity();  // a scale with entry times may end below 0
  for (const auto& b : baselines) last = std::max(last, b.last_follow_up);
  return last;
}

double CoxModel::baseline_survival(std::size_t stratum, double time) const {
  const std::size_t k = steps_until(baselines[stratum], time);
  return k == 0 ? 1 : std::exp(-baselines[stratum].cumulative[k - 1]);
}

std::vector<CoxPrediction> CoxModel::predict(const stats::DataFrame& frame, const std::vector<double>& times,
                                             double level, bool extrapolate) const {
  const stats::Matrix x = design.matrix(frame);
  const auto offsets = design.offsets(frame);
  const stats::Strata strata = design.strata(frame);
  const double z = stats::normal_quantile(0.5 + level / 2);
  const std::size_t p = coefficients.size();
  std::vector<CoxPrediction> result(frame.rows());
  std::vector<double> centred(p);
  for (std::size_t i = 0; i < frame.rows(); ++i) {
    CoxPrediction& out = result[i];
    out.linear_predictor = offsets[i];
    for (std::size_t c = 0; c < p; ++c) {
      centred[c] = std::isnan(coefficients[c]) ? 0.0 : x(i, c) - means[c];
      out.linear_predictor += std::isnan(coefficients[c]) ? 0.0 : coefficients[c] * centred[c];
    }
    std::size_t stratum = 0;
    if (!design.formula().strata.empty()) {
      const std::string label = strata.codes[i] < 0 ? "" : strata.labels[static_cast<std::size_t>(strata.codes[i])];
      stratum = static_cast<std::size_t>(std::ranges::find(strata_labels, label) - strata_labels.begin());
    }
    const double risk = std::exp(out.linear_predictor);
    const bool known = stratum < baselines.size() && !std::isnan(risk);
    out.median = known ? median_survival(baselines[stratum], risk) : kNaN;
    for (const double t : times)
      if (known && (extrapolate || t <= baselines[stratum].last_follow_up))
        add_survival_at(t, baselines[stratum], centred, variance, z, out);
      else
        add_survival(out, kNaN, kNaN, kNaN);
  }
  return result;
}

namespace {

/// What a model keeps of the fit.
void describe_model(const stats::DataFrame& table, CoxAnalysis& a) {
  CoxModel& m = a.model;
  const CoxData& d = a.data;
  m.n = a.fit.n;
  m.events = a.fit.events;
  m.ties = a.fit.ties;
  m.coefficients = a.fit.coefficients;
  m.means = a.fit.means;
  m.variance = a.fit.used_variance();
  m.baselines = baseline_hazards(d, a.fit);
  m.warnings = a.fit.warnings;
  double shift = 0;
  for (std::size_t c = 0; c < d.x.columns; ++c) {
    const auto x = d.x.column(c);
    m.column_means.push_back(std::accumulate(x.begin(), x.end(), 0.0) / static_cast<double>(x.size()));
    if (!std::isnan(m.coefficients[c])) shift += m.coefficients[c] * (m.means[c] - m.column_means[c]);
  }
  const auto [low, high] = std::ranges::minmax(a.fit.linear_predictors);
  m.predictor_low = low + shift;
  m.predictor_high = high + shift;
  for (const auto& name : m.design.formula().columns())
    if (!table.at(name).is_factor) m.ranges[name] = range_of(table.at(name));
  const Concordance c = survival::concordance(a.used.sample, a.fit.linear_predictors, {}, d.strata, a.used.cluster);
  m.concordance = c;
}

}  // namespace

namespace {

/// The outcome tells itself, and nothing of new rows.
void refuse_outcome(const stats::Formula& formula, const OutcomeColumns& outcome, const std::string& origin) {
  for (const auto& name : formula.columns())
    if (name == outcome.time || name == outcome.event)
      throw unusable_input("column \"" + name + "\" is the " + (name == outcome.time ? "time" : "event") +
                               " of the outcome and cannot predict it",
                           origin, "leave it out of the formula");
}

}  // namespace

CoxAnalysis prepare_cox(const stats::DataFrame& table, const OutcomeColumns& outcome, const std::string& formula_text) {
  const stats::Formula formula = stats::parse_formula(formula_text);
  refuse_outcome(formula, outcome, table.origin());
  OutcomeColumns columns = outcome;
  if (!formula.cluster.empty()) columns.cluster = formula.cluster;
  CoxAnalysis a;
  a.used = make_survival_frame(table, columns, formula.columns());
  a.model.design = stats::DesignSpecification(formula, table, a.used.rows);
  a.model.time_column = outcome.time;
  a.model.event_column = outcome.event;
  a.model.entry_column = outcome.entry;
  a.model.event_coding = a.used.coding;
  CoxData& d = a.data;
  d.time = a.used.sample.time;
  d.event = a.used.sample.event;
  d.entry = a.used.sample.entry;
  d.weights = a.used.sample.weights;
  d.cluster = a.used.cluster;
  d.x = a.model.design.matrix(a.used.frame);
  d.names = a.model.design.names();
  if (!formula.offsets.empty()) d.offset = a.model.design.offsets(a.used.frame);
  const stats::Strata strata = a.model.design.strata(a.used.frame);
  a.model.strata_labels = strata.labels;
  if (!formula.strata.empty()) d.strata = strata.codes;
  return a;
}

CoxAnalysis analyse_cox(const stats::DataFrame& table, const OutcomeColumns& outcome, const std::string& formula,
                        const CoxOptions& options) {
  CoxAnalysis a = prepare_cox(table, outcome, formula);
  a.fit = fit_cox(a.data, options);
  if (!a.fit.coefficients.empty() && std::ranges::all_of(a.fit.coefficients, [](double b) { return std::isnan(b); }))
    throw unusable_input("no coefficient can be estimated: " +
                             (a.fit.warnings.empty() ? std::string("every column is constant") : a.fit.warnings[0]) +
                             (a.fit.n == 1 ? "; there is only one row" : ""),
                         table.origin());
  describe_model(table, a);
  return a;
}

CoxAnalysis analyse_penalised(const stats::DataFrame& table, const OutcomeColumns& outcome, const std::string& formula,
                              const std::vector<double>& coefficients, Ties ties, const CoxPenalty& penalty) {
  CoxAnalysis a = prepare_cox(table, outcome, formula);
  if (coefficients.size() != a.data.names.size())
    throw Error(ExitCode::InternalFault, "a penalised model has other columns than its formula");
  a.fit = cox_fit_at(a.data, coefficients, ties);
  describe_model(table, a);
  a.model.penalty = penalty;
  return a;
}

}  // namespace gliocast::survival
