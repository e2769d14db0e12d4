#include "grade_metrics.hpp"

#include <gliocast/analysis/cells.hpp>
#include <gliocast/stats/classification_metrics.hpp>
#include <gliocast/stats/probability_calibration.hpp>
#include <gliocast/stats/resampling.hpp>
#include <gliocast/stats/roc.hpp>

#include <algorithm>
#include <array>
#include <cmath>
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

Values values_of(const Predicted& predicted, const std::vector<int>& truth) {
  const auto& [p, positive, fold] = predicted;
  const auto c = stats::confusion_at(std::vector<double>(positive.begin(), positive.end()), truth, 0.5);
  const auto line = stats::calibration_line(p, truth);
  return {stats::auc(p, truth),
          fold.empty() ? std::nan("") : stats::auc_within(p, truth, fold),
          stats::average_precision(p, truth),
          c.accuracy(),
          c.sensitivity(),
          c.specificity(),
          c.ppv(),
          c.npv(),
          c.f1(),
          c.balanced_accuracy(),
          c.mcc(),
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

}  // namespace

std::vector<Metric> grade_metrics(const PredictedRows& data, std::size_t draws, std::uint64_t seed, std::size_t threads,
                                  double level) {
  stats::Rows all(data.truth.size());
  for (std::size_t r = 0; r < all.size(); ++r) all[r] = r;
  const Values values = mean_values(data, all);
  const auto drawn = stats::resample<Values>(
      {draws, seed, threads}, stats::bootstrap_units(stats::rows_of_clusters(data.patient), seed),
      [&](const stats::Rows& rows) -> stats::DrawResult<Values> {
        const auto positives = std::ranges::count_if(rows, [&](std::size_t r) { return data.truth[r] == 1; });
        if (positives == 0 || positives == std::ssize(rows)) return stats::FailedDraw{"one class only"};
        return mean_values(data, rows);
      });
  std::vector<Metric> metrics;
  const bool folds = !data.repeats.empty() && !data.repeats.front().fold.empty();
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (!folds && std::string_view(kNames[i].name) == "auc_within_folds") continue;
    std::vector<double> draws_of;
    for (const auto& v : drawn.values) draws_of.push_back(v[i]);
    metrics.push_back(
        {kNames[i].name, kNames[i].label, stats::percentile_estimate(values[i], std::move(draws_of), level)});
  }
  return metrics;
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
  const auto means = [&](const stats::Rows& rows) {
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
  stats::Rows all(data.truth.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  const Pair values = means(all);
  const auto drawn = stats::resample<Pair>(
      {draws, seed, threads}, stats::bootstrap_units(stats::rows_of_clusters(data.patient), seed),
      [&](const stats::Rows& rows) -> stats::DrawResult<Pair> {
        const auto positives = std::ranges::count_if(rows, [&](std::size_t r) { return data.truth[r] == 1; });
        if (positives == 0 || positives == std::ssize(rows)) return stats::FailedDraw{"one class only"};
        return means(rows);
      });
  std::array<std::vector<double>, 2> of;
  for (const auto& v : drawn.values)
    for (std::size_t i = 0; i < 2; ++i) of[i].push_back(v[i]);
  const auto difference = stats::percentile_estimate(values[1], of[1], level);
  return {stats::percentile_estimate(values[0], of[0], level),
          {difference, stats::z_test(difference.value, difference.se)},
          "bootstrap over patients"};
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
