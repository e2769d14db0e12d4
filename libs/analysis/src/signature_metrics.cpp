#include "signature_metrics.hpp"

#include <gliocast/analysis/cells.hpp>
#include <gliocast/analysis/signature_evaluation.hpp>
#include <gliocast/analysis/signature_model.hpp>
#include <gliocast/analysis/survival_curves.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/signature/evaluation.hpp>
#include <gliocast/stats/distributions.hpp>
#include <gliocast/stats/resampling.hpp>
#include <gliocast/survival/brier.hpp>
#include <gliocast/survival/concordance.hpp>
#include <gliocast/survival/time_roc.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
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

double mean_of(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double variance_of(const std::vector<double>& values) {
  const double mean = mean_of(values);
  double sum = 0;
  for (const double v : values) sum += (v - mean) * (v - mean);
  return values.size() > 1 ? sum / static_cast<double>(values.size() - 1) : std::nan("");
}

using Values = std::array<double, 3>;  // within folds, of groups, pooled

std::vector<Values> values_of(const SignatureRows& data, const stats::Rows& rows) {
  const auto outcome = survival::take(data.outcome, rows);
  std::vector<Values> values;
  for (const auto& repeat : data.repeats) {
    const auto signature = at_rows(repeat.signature, rows);
    const auto fold = at_rows(repeat.fold, rows);
    values.push_back({concordance_of(outcome, signature, fold),
                      concordance_of(outcome, as_signature(at_rows(repeat.high_risk, rows)), fold),
                      concordance_of(outcome, signature, {})});
  }
  return values;
}

/// The i-th of the values of each repeat.
std::vector<double> column_of(const std::vector<Values>& values, std::size_t i) {
  std::vector<double> column;
  for (const auto& v : values) column.push_back(v.at(i));
  return column;
}

/// The same number of every repeat of a cross-validation, with an interval that holds the fits' uncertainty too.
/// `draws`: [draw][repeat], of a bootstrap over patients with the fits held fixed.
stats::Estimate cross_validated(const std::vector<double>& values, const std::vector<std::vector<double>>& draws,
                                std::size_t folds, double level, double least, double most) {
  double variance = 0;
  for (std::size_t r = 0; r < values.size(); ++r) {
    std::vector<double> of_repeat;
    for (const auto& d : draws)
      if (!std::isnan(d[r])) of_repeat.push_back(d[r]);
    variance += variance_of(of_repeat) / static_cast<double>(values.size());
  }
  const double factor = signature::variance_factor(folds, values.size());
  return stats::normal_estimate(mean_of(values), std::sqrt(factor * variance), level, least, most);
}

stats::Estimate percentiles(const std::vector<double>& values, const std::vector<std::vector<double>>& draws,
                            double level) {
  std::vector<double> means;
  for (const auto& d : draws) means.push_back(mean_of(d));
  return stats::percentile_estimate(mean_of(values), std::move(means), level);
}

std::size_t fold_count(const SignatureRows& data) {
  return static_cast<std::size_t>(*std::ranges::max_element(data.repeats.front().fold)) + 1;
}

/// The same with the uncertainty of patients, whose rows are summed.
stats::Estimate of_patients(const survival::InfluenceEstimate& e, const SignatureRows& data) {
  std::map<int, double> sums;
  for (std::size_t i = 0; i < e.influence.size(); ++i) sums[data.patient[i]] += e.influence[i];
  if (sums.size() == e.influence.size()) return e;
  std::vector<double> influence;
  for (const auto& [patient, sum] : sums) influence.push_back(sum);
  const auto summed = survival::influence_estimate(e.value, std::move(influence), e.level);
  return stats::normal_estimate(e.value, summed.se, e.level, 0, 1);
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

/// Whether patients have several rows, so that numbers must count patients.
bool repeated(const SignatureRows& data) {
  return std::set<int>(data.patient.begin(), data.patient.end()).size() < data.patient.size();
}

/// Of the first repeat's groups; 1 where they are of one fit.
double variance_factor_of_groups(const SignatureRows& data) {
  return data.repeats.front().fold.empty() ? 1 : signature::variance_factor(fold_count(data), 1);
}

Json hazard_ratio_json(const SignatureRows& data, double level, std::vector<std::string>& notes) {
  survival::OutcomeColumns outcome{"time", "event", "1", "", "", ""};
  if (repeated(data)) outcome.cluster = "patient";
  const auto a = survival::analyse_cox(frame_of(data, "time", false), outcome, "group");
  const double se = std::sqrt(variance_factor_of_groups(data) * a.model.variance(0, 0));
  if (!a.model.warnings.empty()) {
    notes.emplace_back(
        "warning: the hazard ratio of the groups cannot be estimated (separation: the events of one group all come "
        "before, or none occurs)");
    return {{"estimate", nullptr}, {"lower", nullptr}, {"upper", nullptr}, {"p", nullptr}};
  }
  const auto log_ratio = stats::normal_estimate(a.model.coefficients[0], se, level);
  return {{"estimate", finite_or_null(std::exp(log_ratio.value))},
          {"lower", finite_or_null(std::exp(log_ratio.low))},
          {"upper", finite_or_null(std::exp(log_ratio.high))},
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
  const auto values = values_of(data, all);
  using Draw = std::vector<Values>;
  const auto drawn =
      stats::resample<Draw>({draws, seed, threads}, stats::bootstrap_units(stats::rows_of_clusters(data.patient), seed),
                            [&](const stats::Rows& rows) -> stats::DrawResult<Draw> { return values_of(data, rows); });
  const bool folds = !data.repeats.front().fold.empty();
  const std::array<std::array<const char*, 2>, 3> names{{{"c_index", folds ? "C within folds" : "C"},
                                                         {"c_index_group", "C of the groups"},
                                                         {"c_index_pooled", "C over all folds"}}};
  std::vector<SignatureMetric> metrics;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i == 2 && !folds) continue;
    std::vector<std::vector<double>> of_draws;
    for (const auto& v : drawn.values) of_draws.push_back(column_of(v, i));
    metrics.push_back({names.at(i)[0], names.at(i)[1],
                       folds ? cross_validated(column_of(values, i), of_draws, fold_count(data), level, 0, 1)
                             : percentiles(column_of(values, i), of_draws, level)});
  }
  return metrics;
}

SignatureComparison compare_signatures(const SignatureRows& first, const SignatureRows& second, std::size_t draws,
                                       std::uint64_t seed, std::size_t threads, double level) {
  // Of each repeat: C of the second, and the difference.
  const auto both = [&](const stats::Rows& rows) {
    auto a = values_of(first, rows), b = values_of(second, rows);
    for (std::size_t r = 0; r < a.size(); ++r) a[r] = {b[r][0], a[r][0] - b[r][0], 0};
    return a;
  };
  stats::Rows all(first.outcome.rows());
  std::iota(all.begin(), all.end(), std::size_t{0});
  const auto values = both(all);
  using Draw = std::vector<Values>;
  const auto drawn = stats::resample<Draw>(
      {draws, seed, threads}, stats::bootstrap_units(stats::rows_of_clusters(first.patient), seed),
      [&](const stats::Rows& rows) -> stats::DrawResult<Draw> { return both(rows); });
  const auto estimate = [&](std::size_t i, double least) {
    std::vector<std::vector<double>> of_draws;
    for (const auto& v : drawn.values) of_draws.push_back(column_of(v, i));
    return cross_validated(column_of(values, i), of_draws, fold_count(first), level, least, 1);
  };
  const auto difference = estimate(1, -1);
  return {estimate(0, 0), {difference, stats::z_test(difference.value, difference.se)}};
}

std::vector<ComparedConcordance> compare_concordances(const signature::SurvivalTable& table,
                                                      const std::vector<std::vector<double>>& risks,
                                                      const std::vector<int>& fold,
                                                      const SignatureEvaluationOptions& o) {
  const auto rows_of = [&](const std::vector<double>& risk) {
    SignatureRepeat repeat{{}, std::vector<char>(risk.size(), 0), {}, fold};
    for (const double r : risk) repeat.signature.push_back(-r);
    return SignatureRows{table.outcome, table.features.patient, {std::move(repeat)}};
  };
  const auto &seed = o.evaluation.seed, &threads = o.evaluation.threads;
  const auto first = rows_of(risks.front());
  std::vector<ComparedConcordance> compared{
      {signature_metrics(first, o.draws, seed, threads, o.level).front().estimate, std::nan("")}};
  for (std::size_t w = 1; w < risks.size(); ++w) {
    auto c = compare_signatures(first, rows_of(risks[w]), o.draws, seed, threads, o.level);
    compared.push_back({c.other, c.difference.test.p});
  }
  return compared;
}

AnalysisOutput group_curves(const SignatureRows& data, const std::string& time_label, double level) {
  CurvesOptions o;
  o.outcome = {time_label, "event", "1", "", "", ""};
  if (repeated(data)) o.outcome.cluster = "patient";
  o.group = "group";
  o.level = level;
  const bool both = has_both(data.repeats.front().high_risk);
  AnalysisOutput out = survival_curves(frame_of(data, time_label, true), o);
  // Events of the frame are 1: what its column means needs no word.
  std::erase_if(out.notes, [](const std::string& note) { return note.starts_with("column \"event\""); });
  if (const double factor = variance_factor_of_groups(data); factor > 1 && out.json.contains("logrank")) {
    const double p = stats::chi_square_upper(number_or_nan(out.json["logrank"]["chi_square"]) / factor, 1);
    out.json["logrank"]["p_with_fits"] = finite_or_null(p);
    out.notes.push_back("log-rank P holds the fits fixed; with their variance, as C has it, P " + p_cell(p));
  }
  out.json["hazard_ratio"] = both ? hazard_ratio_json(data, level, out.notes) : Json(nullptr);
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
    const auto auc =
        of_patients(survival::time_dependent_roc(data.outcome, censoring, risk, times[t], level).auc, data);
    const stats::Estimate brier =
        known ? of_patients(survival::brier_score(data.outcome, censoring, predicted, times[t], level), data)
              : stats::Estimate(stats::unknown_estimate(level));
    const auto followed = std::ranges::count_if(data.outcome.time, [&](double v) { return v > times[t]; });
    if (followed == 0) {  // nobody is observed there
      table.rows.push_back({data_cell(times[t]), "0", "NA", "NA", "NA", "NA", "NA", "NA", "NA"});
      const Json unknown = estimate_json(stats::unknown_estimate(level));
      json.push_back(
          {{"time", times[t]}, {"followed", 0}, {"auc", unknown}, {"brier", unknown}, {"brier_kaplan_meier", nullptr}});
      continue;
    }
    const double reference = survival::brier_score_of_kaplan_meier(data.outcome, censoring, times[t]);
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
