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
constexpr int kFormatVersion = 1;

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

Json matrix_json(const stats::Matrix& m) {
  Json rows = Json::array();
  for (std::size_t r = 0; r < m.rows; ++r) {
    std::vector<double> row;
    for (std::size_t c = 0; c < m.columns; ++c) row.push_back(m(r, c));
    rows.push_back(row);
  }
  return rows;
}

stats::Matrix matrix_of(const Json& json, std::size_t rows, std::size_t columns) {
  if (json.size() != rows)
    throw unusable_input("a matrix of the model has " + std::to_string(json.size()) + " rows in place of " +
                         std::to_string(rows));
  stats::Matrix m(rows, columns);
  for (std::size_t r = 0; r < rows; ++r) {
    const auto row = json[r].get<std::vector<double>>();
    if (row.size() != columns) throw unusable_input("a matrix of the model has a row of another length");
    for (std::size_t c = 0; c < columns; ++c) m(r, c) = row[c];
  }
  return m;
}

std::vector<double> numbers_of(const Json& json, std::size_t size) {
  std::vector<double> values;
  for (const auto& item : json) values.push_back(number_or_nan(item));
  if (values.size() != size)
    throw unusable_input("a list of the model has " + std::to_string(values.size()) + " numbers in place of " +
                         std::to_string(size));
  return values;
}

Json nullable(const std::vector<double>& values) {
  Json list = Json::array();
  for (const double v : values) list.push_back(finite_or_null(v));
  return list;
}

const char* ties_name(Ties ties) { return ties == Ties::Efron ? "efron" : ties == Ties::Breslow ? "breslow" : "exact"; }

BaselineHazard baseline_of(const Json& json, std::size_t p) {
  BaselineHazard b;
  b.time = json.at("time").get<std::vector<double>>();
  b.cumulative = numbers_of(json.at("cumulative_hazard"), b.time.size());
  b.variance = numbers_of(json.at("variance"), b.time.size());
  b.mean_covariates = matrix_of(json.at("mean_covariates"), b.time.size(), p);
  b.last_follow_up = json.at("last_follow_up").get<double>();
  if (!std::ranges::is_sorted(b.time)) throw unusable_input("the baseline's times are not ascending");
  return b;
}

/// Number of steps of a baseline at or before `time`.
std::size_t steps_until(const BaselineHazard& b, double time) {
  return static_cast<std::size_t>(std::ranges::upper_bound(b.time, time) - b.time.begin());
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
  std::vector<double> centred(p), difference(p);
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
    const bool known = stratum < baselines.size();
    const double risk = std::exp(out.linear_predictor);
    out.median = kNaN;
    if (known && !std::isnan(risk))
      for (std::size_t k = 0; k < baselines[stratum].time.size(); ++k)
        if (baselines[stratum].cumulative[k] * risk >= std::log(2.0) - 1e-12) {
          out.median = baselines[stratum].time[k];
          break;
        }
    for (const double t : times) {
      if (!known || std::isnan(risk) || (!extrapolate && t > baselines[stratum].last_follow_up)) {
        out.survival.push_back(kNaN), out.lower.push_back(kNaN), out.upper.push_back(kNaN);
        continue;
      }
      const BaselineHazard& b = baselines[stratum];
      const std::size_t k = steps_until(b, t);
      if (k == 0) {
        out.survival.push_back(1), out.lower.push_back(1), out.upper.push_back(1);
        continue;
      }
      double v = b.variance[k - 1];
      for (std::size_t c = 0; c < p; ++c)
        difference[c] = b.cumulative[k - 1] * centred[c] - b.mean_covariates(k - 1, c);
      for (std::size_t c = 0; c < p; ++c)
        for (std::size_t d = 0; d < p; ++d) v += difference[c] * variance(c, d) * difference[d];
      const double hazard = b.cumulative[k - 1] * risk, se = std::sqrt(std::max(0.0, v)) * risk;
      const double survival = std::exp(-hazard);
      out.survival.push_back(survival);
      out.lower.push_back(survival > 0 ? std::exp(-hazard - z * se) : kNaN);  // the logarithm of 0 has no interval
      out.upper.push_back(survival > 0 ? std::min(1.0, std::exp(-hazard + z * se)) : kNaN);
    }
  }
  return result;
}

Json CoxModel::to_json() const {
  Json baseline = Json::array();
  for (std::size_t s = 0; s < baselines.size(); ++s)
    baseline.push_back({{"stratum", strata_labels[s]},
                        {"last_follow_up", baselines[s].last_follow_up},
                        {"time", baselines[s].time},
                        {"cumulative_hazard", baselines[s].cumulative},
                        {"variance", baselines[s].variance},
                        {"mean_covariates", matrix_json(baselines[s].mean_covariates)}});
  Json predictors = Json::array();
  for (const auto& [name, r] : ranges)
    predictors.push_back({{"column", name},
                          {"minimum", r.minimum},
                          {"maximum", r.maximum},
                          {"low", r.low},
                          {"high", r.high},
                          {"median", r.median},
                          {"values", r.values}});
  Json json{{"format", "gliocast-cox-model"},
            {"version", kFormatVersion},
            {"time", time_column},
            {"event", event_column},
            {"n", n},
            {"events", events},
            {"ties", ties_name(ties)},
            {"design", design.to_json()},
            {"terms", design.names()},
            {"coefficients", nullable(coefficients)},
            {"means", means},
            {"column_means", column_means},
            {"variance", matrix_json(variance)},
            {"linear_predictor_range", {predictor_low, predictor_high}},
            {"concordance", {{"estimate", finite_or_null(concordance)}, {"se", finite_or_null(concordance_se)}}},
            {"predictors", std::move(predictors)},
            {"baseline", std::move(baseline)},
            {"warnings", warnings}};
  if (!entry_column.empty()) json["entry"] = entry_column;
  if (!event_coding.empty()) json["event_coding"] = event_coding;
  return json;
}

CoxModel CoxModel::from_json(const Json& json, const std::string& origin) {
  try {
    if (!json.is_object() || json.value("format", "") != "gliocast-cox-model")
      throw unusable_input("this is no Cox model of gliocast", origin, "make one with gliocast survival cox … --save");
    if (json.at("version").get<int>() > kFormatVersion)
      throw unusable_input("the model was written by a newer gliocast", origin);
    CoxModel m;
    m.design = stats::DesignSpecification::from_json(json.at("design"));
    m.time_column = json.at("time").get<std::string>();
    m.event_column = json.at("event").get<std::string>();
    m.entry_column = json.value("entry", "");
    m.event_coding = json.value("event_coding", "");
    m.n = json.at("n").get<std::size_t>();
    m.events = json.at("events").get<std::size_t>();
    const auto ties = json.at("ties").get<std::string>();
    m.ties = ties == "efron" ? Ties::Efron : ties == "breslow" ? Ties::Breslow : Ties::Exact;
    const std::size_t p = m.design.names().size();
    m.coefficients = numbers_of(json.at("coefficients"), p);
    m.means = numbers_of(json.at("means"), p);
    m.column_means = numbers_of(json.at("column_means"), p);
    m.variance = matrix_of(json.at("variance"), p, p);
    const auto range = numbers_of(json.at("linear_predictor_range"), 2);
    m.predictor_low = range[0];
    m.predictor_high = range[1];
    const auto number = [](const Json& v) { return v.is_null() ? kNaN : v.get<double>(); };
    m.concordance = number(json.at("concordance").at("estimate"));
    m.concordance_se = number(json.at("concordance").at("se"));
    for (const auto& item : json.at("predictors"))
      m.ranges[item.at("column").get<std::string>()] = {
          item.at("low").get<double>(),     item.at("high").get<double>(),
          item.at("minimum").get<double>(), item.at("maximum").get<double>(),
          item.at("median").get<double>(),  item.at("values").get<std::vector<double>>()};
    for (const auto& item : json.at("baseline")) {
      m.strata_labels.push_back(item.at("stratum").get<std::string>());
      m.baselines.push_back(baseline_of(item, p));
    }
    if (m.baselines.empty()) throw unusable_input("the model has no baseline hazard");
    m.warnings = json.value("warnings", std::vector<std::string>{});
    return m;
  } catch (const Json::exception& e) {
    throw unusable_input(std::string("the model cannot be read: ") + e.what(), origin);
  } catch (const Error& e) {
    throw e.where().empty() ? Error(e.code(), e.problem(), origin, e.hint()) : e;
  }
}

CoxAnalysis analyse_cox(const stats::DataFrame& table, const OutcomeColumns& outcome, const std::string& formula_text,
                        const CoxOptions& options) {
  const stats::Formula formula = stats::parse_formula(formula_text);
  OutcomeColumns columns = outcome;
  if (!formula.cluster.empty()) columns.cluster = formula.cluster;
  CoxAnalysis a;
  a.used = make_survival_frame(table, columns, formula.columns());
  a.model.design = stats::DesignSpecification(formula, table, a.used.rows);
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
  if (!formula.strata.empty()) d.strata = strata.codes;
  a.fit = fit_cox(d, options);
  if (!a.fit.coefficients.empty() && std::ranges::all_of(a.fit.coefficients, [](double b) { return std::isnan(b); }))
    throw unusable_input("no coefficient can be estimated: " +
                             (a.fit.warnings.empty() ? std::string("every column is constant") : a.fit.warnings[0]) +
                             (a.fit.n == 1 ? "; there is only one row" : ""),
                         table.origin());
  CoxModel& m = a.model;
  m.time_column = outcome.time;
  m.event_column = outcome.event;
  m.entry_column = outcome.entry;
  m.event_coding = a.used.coding;
  m.n = a.fit.n;
  m.events = a.fit.events;
  m.ties = options.ties;
  m.coefficients = a.fit.coefficients;
  m.means = a.fit.means;
  m.variance = a.fit.used_variance();
  m.strata_labels = strata.labels;
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
  for (const auto& name : formula.columns())
    if (!table.at(name).is_factor) m.ranges[name] = range_of(table.at(name));
  const Concordance c = survival::concordance(a.used.sample, a.fit.linear_predictors, {}, d.strata, a.used.cluster);
  m.concordance = c.estimate;
  m.concordance_se = c.se;
  return a;
}

}  // namespace gliocast::survival
