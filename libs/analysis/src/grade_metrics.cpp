#include "grade_metrics.hpp"

#include <gliocast/analysis/cells.hpp>
#include <gliocast/stats/classification_metrics.hpp>
#include <gliocast/stats/probability_calibration.hpp>
#include <gliocast/stats/resampling.hpp>
#include <gliocast/stats/roc.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <numeric>
#include <string_view>

namespace gliocast::analysis {
namespace {

struct Name {
  const char *name, *label;
};
constexpr std::array<Name, 14> kNames{{{"auc", "AUC"},
                                       {"auc_within_folds", "AUC within folds"},
                                       {"average_precision", "Average precision"},
                                       {"accuracy", "Accuracy"},
                                       {"sensitivity", "Sensitivity"},
                                       {"specificity", "Specificity"},
                                       {"precision", "Precision"},
                                       {"npv", "Negative predictive value"},
                                       {"f1", "F1"},
                                       {"balanced_accuracy", "Balanced accuracy"},
                                       {"mcc", "Matthews correlation"},
                                       {"brier", "Brier score"},
                                       {"calibration_slope", "Calibration slope"},
                                       {"calibration_intercept", "Calibration in the large"}}};
using Values = std::array<double, kNames.size()>;

template <class T>
std::vector<T> at_rows(const std::vector<T>& all, const stats::Rows& rows) {
  std::vector<T> out;
  for (const std::size_t r : rows) out.push_back(all[r]);
  return out;
}

Predicted at_rows(const Predicted& all, const stats::Rows& rows) {
  return {at_rows(all.probability, rows), at_rows(all.positive, rows),
          all.fold.empty() ? all.fold : at_rows(all.fold, rows)};
}

bool has_both_classes(const std::vector<int>& truth) {
  const auto positives = std::ranges::count(truth, 1);
  return positives > 0 && positives < std::ssize(truth);
}

/// Of one class alone, what compares the classes is NaN.
Values values_of(const Predicted& predicted, const std::vector<int>& truth) {
  const auto& [p, positive, fold] = predicted;
  const bool both = has_both_classes(truth);
  const double none = std::nan("");
  const auto c = stats::confusion_at(std::vector<double>(positive.begin(), positive.end()), truth, 0.5);
  const auto line = both ? stats::calibration_line(p, truth) : stats::CalibrationLine{{none}, {none}, {none}};
  return {stats::auc(p, truth),
          fold.empty() ? none : stats::auc_within(p, truth, fold),
          both ? stats::average_precision(p, truth) : none,
          c.accuracy(),
          c.sensitivity(),
          c.specificity(),
          c.ppv(),
          c.npv(),
          c.f1(),
          c.balanced_accuracy(),
          both ? c.mcc() : none,
          stats::brier_score(p, truth),
          line.slope.value,
          line.in_the_large.value};
}

/// Means over repeats; NaN where a repeat has none.
Values mean_values(const PredictedRows& data, const stats::Rows& rows) {
  Values sum{};
  const auto truth = at_rows(data.truth, rows);
  for (const auto& repeat : data.repeats) {
    const auto v = values_of(at_rows(repeat, rows), truth);
    for (std::size_t i = 0; i < v.size(); ++i) sum[i] += v[i] / static_cast<double>(data.repeats.size());
  }
  return sum;
}

/// Each of the statistics of all rows with its percentile interval of a bootstrap over patients; draws of one class are
/// left out where all rows have two.
template <std::size_t N>
std::vector<stats::Estimate> over_patients(const PredictedRows& data, const stats::ResamplingOptions& options,
                                           double level,
                                           const std::function<std::array<double, N>(const stats::Rows&)>& statistics) {
  using Drawn = std::array<double, N>;
  stats::Rows all(data.truth.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  const Drawn values = statistics(all);
  const bool both = has_both_classes(data.truth);
  const auto drawn = stats::resample<Drawn>(
      options, stats::bootstrap_units(stats::rows_of_clusters(data.patient), options.seed),
      [&](const stats::Rows& rows) -> stats::DrawResult<Drawn> {
        const auto positives = std::ranges::count_if(rows, [&](std::size_t r) { return data.truth[r] == 1; });
        if (both && (positives == 0 || positives == std::ssize(rows))) return stats::FailedDraw{"one class only"};
        return statistics(rows);
      });
  std::vector<stats::Estimate> estimates;
  for (std::size_t i = 0; i < N; ++i) {
    std::vector<double> of_draws;
    for (const auto& v : drawn.values) of_draws.push_back(v[i]);
    estimates.push_back(stats::percentile_estimate(values[i], std::move(of_draws), level));
  }
  return estimates;
}

}  // namespace

std::vector<Metric> grade_metrics(const PredictedRows& data, std::size_t draws, std::uint64_t seed, std::size_t threads,
                                  double level) {
  const auto estimates = over_patients<kNames.size()>(data, {draws, seed, threads}, level,
                                                      [&](const stats::Rows& rows) { return mean_values(data, rows); });
  std::vector<Metric> metrics;
  const bool folds = !data.repeats.empty() && !data.repeats.front().fold.empty();
  for (std::size_t i = 0; i < kNames.size(); ++i)
    if (folds || std::string_view(kNames[i].name) != "auc_within_folds")
      metrics.push_back({kNames[i].name, kNames[i].label, estimates[i]});
  return metrics;
}

const stats::Estimate& estimate_of(const std::vector<Metric>& metrics, const std::string& name) {
  return std::ranges::find(metrics, name, &Metric::name)->estimate;
}

bool predicted_once(const PredictedRows& rows) {
  auto patients = rows.patient;
  std::ranges::sort(patients);
  return rows.repeats.size() == 1 && std::ranges::adjacent_find(patients) == patients.end();
}

AucComparison compare_auc(const PredictedRows& data, const std::vector<std::vector<double>>& other, std::size_t draws,
                          std::uint64_t seed, std::size_t threads, double level) {
  if (predicted_once(data))
    return {stats::auc_delong(other.front(), data.truth, level),
            stats::compare_auc(data.repeats.front().probability, other.front(), data.truth, level), "DeLong"};
  using Pair = std::array<double, 2>;  // AUC of the other, difference
  const auto means = [&](const stats::Rows& rows) -> Pair {
    Pair sum{};
    const auto truth = at_rows(data.truth, rows);
    for (std::size_t r = 0; r < data.repeats.size(); ++r) {
      const double theirs = stats::auc(at_rows(other[std::min(r, other.size() - 1)], rows), truth);
      sum[0] += theirs;
      sum[1] += stats::auc(at_rows(data.repeats[r].probability, rows), truth) - theirs;
    }
    for (double& v : sum) v /= static_cast<double>(data.repeats.size());
    return sum;
  };
  const auto estimates = over_patients<2>(data, {draws, seed, threads}, level, means);
  const auto& difference = estimates[1];
  return {estimates[0], {difference, stats::z_test(difference.value, difference.se)}, "bootstrap over patients"};
}

Json metrics_json(const std::vector<Metric>& metrics) {
  Json json = Json::object();
  for (const auto& m : metrics)
    if (m.name.starts_with("calibration_"))
      json["calibration"][m.name.substr(std::string("calibration_").size())] = estimate_json(m.estimate);
    else
      json[m.name] = estimate_json(m.estimate);
  return json;
}

}  // namespace gliocast::analysis
