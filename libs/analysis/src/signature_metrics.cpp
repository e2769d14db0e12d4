#include "signature_metrics.hpp"

#include <gliocast/analysis/cells.hpp>
#include <gliocast/analysis/signature_model.hpp>
#include <gliocast/analysis/survival_curves.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/stats/resampling.hpp>
#include <gliocast/survival/brier.hpp>
#include <gliocast/survival/concordance.hpp>
#include <gliocast/survival/time_roc.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <set>
#include <utility>

namespace gliocast::analysis {
namespace {

template <class T>
std::vector<T> at_rows(const std::vector<T>& all, const stats::Rows& rows) {
  std::vector<T> out;
  if (all.empty()) return out;
  for (const std::size_t r : rows) out.push_back(all[r]);
  return out;
}

std::vector<double> as_signature(const std::vector<char>& high) {
  std::vector<double> low;  // low risk is the higher signature
  for (const char h : high) low.push_back(h ? 0 : 1);
  return low;
}

using Values = std::array<double, 3>;  // within folds, of groups, pooled

Values mean_values(const SignatureRows& data, const stats::Rows& rows) {
  const auto outcome = survival::take(data.outcome, rows);
  Values sum{};
  for (const auto& repeat : data.repeats) {
    const auto signature = at_rows(repeat.signature, rows);
    const auto fold = at_rows(repeat.fold, rows);
    sum[0] += concordance_of(outcome, signature, fold);
    sum[1] += concordance_of(outcome, as_signature(at_rows(repeat.high_risk, rows)), fold);
    sum[2] += concordance_of(outcome, signature, {});
  }
  for (double& v : sum) v /= static_cast<double>(data.repeats.size());
  return sum;
}

stats::Column numbers(const std::string& name, std::vector<double> values) {
  stats::Column column;
  column.name = name;
  column.numbers = std::move(values);
  return column;
}

/// Survival and groups of the first repeat as a table; `named`: groups by name, else 1 high and 0 low risk.
stats::DataFrame frame_of(const SignatureRows& data, const std::string& time, bool named) {
  const auto& high = data.repeats.front().high_risk;
  stats::DataFrame frame;
  frame.add(numbers(time, data.outcome.time));
  frame.add(numbers("event", {data.outcome.event.begin(), data.outcome.event.end()}));
  frame.add(numbers("patient", {data.patient.begin(), data.patient.end()}));
  stats::Column group = numbers("group", {high.begin(), high.end()});
  if (named) {
    group.is_factor = true;
    group.levels = {risk_group(true), risk_group(false)};
    for (const char h : high) group.codes.push_back(h ? 0 : 1);
  }
  frame.add(std::move(group));
  return frame;
}

bool has_both(const std::vector<char>& high) {
  const auto n = std::ranges::count(high, 1);
  return n > 0 && n < std::ssize(high);
}

Json hazard_ratio_json(const SignatureRows& data, double level) {
  survival::OutcomeColumns outcome{"time", "event", "1", "", "", ""};
  if (std::set<int>(data.patient.begin(), data.patient.end()).size() < data.patient.size()) outcome.cluster = "patient";
  const auto a = survival::analyse_cox(frame_of(data, "time", false), outcome, "group");
  const double se = std::sqrt(a.model.variance(0, 0));
  const auto log_ratio = stats::normal_estimate(a.model.coefficients[0], se, level);
  const bool infinite = !a.model.warnings.empty();
  return {{"estimate", finite_or_null(std::exp(log_ratio.value))},
          {"lower", infinite ? Json(nullptr) : finite_or_null(std::exp(log_ratio.low))},
          {"upper", infinite ? Json(nullptr) : finite_or_null(std::exp(log_ratio.high))},
          {"p", finite_or_null(stats::z_test(log_ratio.value, se).p)}};
}

}  // namespace

double concordance_of(const survival::SurvivalSample& outcome, const std::vector<double>& signature,
                      const std::vector<int>& fold) {
  std::vector<double> risk;
  for (const double s : signature) risk.push_back(-s);
  return survival::concordance(outcome, risk, {}, fold).value;
}

std::vector<SignatureMetric> signature_metrics(const SignatureRows& data, std::size_t draws, std::uint64_t seed,
                                               std::size_t threads, double level) {
  stats::Rows all(data.outcome.rows());
  std::iota(all.begin(), all.end(), std::size_t{0});
  const Values values = mean_values(data, all);
  const auto drawn = stats::resample<Values>(
      {draws, seed, threads}, stats::bootstrap_units(stats::rows_of_clusters(data.patient), seed),
      [&](const stats::Rows& rows) -> stats::DrawResult<Values> { return mean_values(data, rows); });
  const bool folds = !data.repeats.front().fold.empty();
  const std::array<std::array<const char*, 2>, 3> names{{{"c_index", folds ? "C within folds" : "C"},
                                                         {"c_index_group", "C of the groups"},
                                                         {"c_index_pooled", "C over all folds"}}};
  std::vector<SignatureMetric> metrics;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i == 2 && !folds) continue;
    std::vector<double> of_draws;
    for (const auto& v : drawn.values) of_draws.push_back(v.at(i));
    metrics.push_back(
        {names.at(i)[0], names.at(i)[1], stats::percentile_estimate(values.at(i), std::move(of_draws), level)});
  }
  return metrics;
}

AnalysisOutput group_curves(const SignatureRows& data, const std::string& time_label, double level) {
  CurvesOptions o;
  o.outcome = {time_label, "event", "1", "", "", ""};
  o.group = "group";
  o.level = level;
  const bool both = has_both(data.repeats.front().high_risk);
  AnalysisOutput out = survival_curves(frame_of(data, time_label, true), o);
  // Events of the frame are 1: what its column means needs no word.
  std::erase_if(out.notes, [](const std::string& note) { return note.starts_with("column \"event\""); });
  out.json["hazard_ratio"] = both ? hazard_ratio_json(data, level) : Json(nullptr);
  if (!both) {
    out.figures.clear();
    out.notes = {"warning: all rows are of one group: there are no curves to compare"};
  }
  return out;
}

TextTable at_times(const SignatureRows& data, const std::vector<double>& times, double level, Json& json) {
  TextTable table{{"time", "followed", "auc", "auc_lower", "auc_upper", "brier", "brier_lower", "brier_upper",
                   "brier_kaplan_meier"},
                  {}};
  json = Json::array();
  const survival::CensoringCurve censoring(data.outcome);
  const auto& first = data.repeats.front();
  std::vector<double> risk;
  for (const double s : first.signature) risk.push_back(-s);
  for (std::size_t t = 0; t < times.size(); ++t) {
    std::vector<double> predicted;
    for (const auto& p : first.survival) predicted.push_back(p.survival[t]);
    const bool known = std::ranges::none_of(predicted, [](double v) { return std::isnan(v); });
    const auto auc = survival::time_dependent_roc(data.outcome, censoring, risk, times[t], level).auc;
    const stats::Estimate brier = known ? survival::brier_score(data.outcome, censoring, predicted, times[t], level)
                                        : stats::Estimate(stats::unknown_estimate(level));
    const double reference = survival::brier_score_of_kaplan_meier(data.outcome, censoring, times[t]);
    const auto followed = std::ranges::count_if(data.outcome.time, [&](double v) { return v > times[t]; });
    table.rows.push_back({data_cell(times[t]), std::to_string(followed), cell(auc.value), cell(auc.low), cell(auc.high),
                          cell(brier.value), cell(brier.low), cell(brier.high), cell(reference)});
    json.push_back({{"time", times[t]},
                    {"followed", followed},
                    {"auc", estimate_json(auc)},
                    {"brier", estimate_json(brier)},
                    {"brier_kaplan_meier", finite_or_null(reference)}});
  }
  return table;
}

}  // namespace gliocast::analysis
