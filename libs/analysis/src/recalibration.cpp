#include <gliocast/analysis/recalibration.hpp>

#include <gliocast/core/error.hpp>
#include <gliocast/stats/probability_calibration.hpp>
#include <gliocast/stats/resampling.hpp>
#include <gliocast/survival/cox.hpp>

#include <algorithm>
#include <cmath>
#include <tuple>
#include <utility>

namespace gliocast::analysis {
namespace {

constexpr double kClosest = 1e-12;  // of a probability to 0 and 1, as stats::calibration_line() has it

/// Folds within the outcomes; each fit sees two of the rarer one at least.
std::vector<std::size_t> folds_of(const std::vector<std::string>& ids, const std::vector<int>& outcome,
                                  const RecalibrationOptions& o, const char* what) {
  const auto ones = static_cast<std::size_t>(std::ranges::count(outcome, 1));
  const std::size_t rarer = std::min(ones, outcome.size() - ones), fewest = outcome.size() < 2 ? 0 : rarer;
  if (fewest < 2) throw unusable_input(std::string("recalibration needs two patients at least of each ") + what);
  return stats::assign_folds(ids, outcome, std::min(o.folds, fewest), o.seed);
}

template <class T>
std::vector<T> where(const std::vector<T>& all, const std::vector<std::size_t>& fold, std::size_t f, bool tested) {
  std::vector<T> out;
  for (std::size_t i = 0; i < all.size(); ++i)
    if ((fold[i] == f) == tested) out.push_back(all[i]);
  return out;
}

std::pair<double, double> line_of(const std::vector<double>& probability, const std::vector<int>& truth,
                                  bool in_the_large) {
  const auto line = stats::calibration_line(probability, truth);
  return in_the_large ? std::pair(line.in_the_large.value, 1.0) : std::pair(line.intercept.value, line.slope.value);
}

double recalibrated(double probability, const std::pair<double, double>& line) {
  const double p = std::clamp(probability, kClosest, 1 - kClosest);
  return 1 / (1 + std::exp(-(line.first + line.second * (std::log(p) - std::log1p(-p)))));
}

/// A Cox model of the predictor alone: its slope, and survival at times of other rows.
struct Baseline {
  double slope = 1;
  survival::BaselineHazard hazard{};
  double mean = 0;

  [[nodiscard]] double survival(double predictor, double time) const {
    const auto after = std::ranges::upper_bound(hazard.time, time) - hazard.time.begin();
    const double cumulative = after == 0 ? 0 : hazard.cumulative[static_cast<std::size_t>(after - 1)];
    return std::exp(-cumulative * std::exp(slope * (predictor - mean)));
  }
};

Baseline fit_baseline(const survival::SurvivalSample& sample, const std::vector<double>& predictor,
                      bool baseline_only) {
  survival::CoxData data;
  data.time = sample.time;
  data.event = sample.event;
  data.names = {"predictor"};
  data.x = stats::Matrix(predictor.size(), 1);
  std::ranges::copy(predictor, data.x.values.begin());
  const auto fit = baseline_only ? survival::cox_fit_at(data, {1.0}, survival::Ties::Efron) : survival::fit_cox(data);
  Baseline out;
  out.slope = fit.infinite(0) || !fit.converged ? std::nan("") : fit.coefficients.front();
  out.hazard = survival::baseline_hazards(data, fit).front();
  out.mean = fit.means.front();
  return out;
}

survival::SurvivalSample part_of(const survival::SurvivalSample& sample, const std::vector<std::size_t>& fold,
                                 std::size_t f) {
  survival::SurvivalSample out;
  out.time = where(sample.time, fold, f, false);
  out.event = where(sample.event, fold, f, false);
  return out;
}

}  // namespace

LogisticRecalibration recalibrate_probabilities(const std::vector<double>& probability, const std::vector<int>& truth,
                                                const std::vector<std::string>& ids, bool in_the_large,
                                                const RecalibrationOptions& o) {
  const auto fold = folds_of(ids, truth, o, "grade");
  LogisticRecalibration out;
  std::tie(out.intercept, out.slope) = line_of(probability, truth, in_the_large);
  out.probability.resize(probability.size());
  for (std::size_t f = 0; f <= *std::ranges::max_element(fold); ++f) {
    const auto line = line_of(where(probability, fold, f, false), where(truth, fold, f, false), in_the_large);
    if (!std::isfinite(line.first) || !std::isfinite(line.second)) {
      out.probability.clear();
      return out;
    }
    for (std::size_t i = 0; i < fold.size(); ++i)
      if (fold[i] == f) out.probability[i] = recalibrated(probability[i], line);
  }
  return out;
}

SurvivalRecalibration recalibrate_survival(const survival::SurvivalSample& sample, const std::vector<double>& predictor,
                                           const std::vector<double>& times, const std::vector<std::string>& ids,
                                           bool baseline_only, const RecalibrationOptions& o) {
  const std::vector<int> event(sample.event.begin(), sample.event.end());
  const auto events = static_cast<std::size_t>(std::ranges::count(event, 1));
  if (events < 2) throw unusable_input("recalibration needs two patients with an event at least");
  const auto fold = stats::assign_folds(ids, event, std::min(o.folds, events), o.seed);
  SurvivalRecalibration out;
  out.slope = fit_baseline(sample, predictor, baseline_only).slope;
  out.survival.assign(predictor.size(), std::vector<double>(times.size()));
  for (std::size_t f = 0; f <= *std::ranges::max_element(fold); ++f) {
    const auto fitted = fit_baseline(part_of(sample, fold, f), where(predictor, fold, f, false), baseline_only);
    if (!std::isfinite(fitted.slope)) {
      out.survival.clear();
      return out;
    }
    for (std::size_t i = 0; i < fold.size(); ++i)
      if (fold[i] == f)
        for (std::size_t t = 0; t < times.size(); ++t) out.survival[i][t] = fitted.survival(predictor[i], times[t]);
  }
  return out;
}

}  // namespace gliocast::analysis
