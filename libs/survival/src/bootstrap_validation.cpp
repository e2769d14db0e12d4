// Bootstrap correction of a Cox model's optimism.
#include <gliocast/core/error.hpp>
#include <gliocast/core/interrupt.hpp>
#include <gliocast/survival/concordance.hpp>
#include <gliocast/survival/performance.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

namespace gliocast::survival {
namespace {

template <class T>
std::vector<T> pick(const std::vector<T>& values, const std::vector<std::size_t>& rows) {
  std::vector<T> result;
  if (values.empty()) return result;
  result.reserve(rows.size());
  for (const std::size_t i : rows) result.push_back(values[i]);
  return result;
}

CoxData rows_of(const CoxData& d, const std::vector<std::size_t>& rows) {
  CoxData result{pick(d.time, rows),
                 pick(d.event, rows),
                 pick(d.entry, rows),
                 pick(d.weights, rows),
                 pick(d.offset, rows),
                 pick(d.strata, rows),
                 {},
                 stats::Matrix(rows.size(), d.x.columns),
                 d.names};
  for (std::size_t c = 0; c < d.x.columns; ++c)
    for (std::size_t i = 0; i < rows.size(); ++i) result.x(i, c) = d.x(rows[i], c);
  return result;
}

std::vector<double> predictors(const CoxData& d, const std::vector<double>& coefficients) {
  std::vector<double> lp = d.offset.empty() ? std::vector<double>(d.time.size(), 0.0) : d.offset;
  for (std::size_t c = 0; c < d.x.columns; ++c)
    if (!std::isnan(coefficients[c]))
      for (std::size_t i = 0; i < lp.size(); ++i) lp[i] += coefficients[c] * d.x(i, c);
  return lp;
}

double concordance_of(const CoxData& d, const std::vector<double>& lp) {
  return concordance({d.time, d.event, d.entry, d.weights}, lp, {}, d.strata).estimate;
}

/// Coefficient of the linear predictor as the only column.
double slope_of(const CoxData& d, const std::vector<double>& lp, const CoxOptions& options) {
  CoxData alone{
      d.time, d.event, d.entry, d.weights, {}, d.strata, {}, stats::Matrix(lp.size(), 1), {"linear predictor"}};
  alone.x.values = lp;
  return fit_cox(alone, options).coefficients[0];
}

/// Rows of each unit that is drawn as a whole.
std::vector<std::vector<std::size_t>> units_of(const CoxData& d) {
  std::vector<std::vector<std::size_t>> units;
  if (d.cluster.empty()) {
    for (std::size_t i = 0; i < d.time.size(); ++i) units.push_back({i});
    return units;
  }
  units.resize(static_cast<std::size_t>(*std::ranges::max_element(d.cluster)) + 1);
  for (std::size_t i = 0; i < d.time.size(); ++i) units[static_cast<std::size_t>(d.cluster[i])].push_back(i);
  return units;
}

struct Draw {
  double c_training = 0, c_test = 0, slope = 0;
};

}  // namespace

std::vector<OptimismCorrected> bootstrap_validation(const CoxData& data, const CoxOptions& options, std::size_t draws,
                                                    std::uint64_t seed) {
  CoxOptions plain = options;
  plain.robust = false;
  CoxData whole = data;
  whole.cluster.clear();
  const CoxFit fit = fit_cox(whole, plain);
  const auto units = units_of(data);
  std::mt19937_64 random(seed);
  std::vector<Draw> results;
  std::vector<std::size_t> rows;
  for (std::size_t b = 0; b < draws; ++b) {
    throw_if_interrupted();
    rows.clear();
    for (std::size_t u = 0; u < units.size(); ++u) {
      const auto& unit = units[random() % units.size()];
      rows.insert(rows.end(), unit.begin(), unit.end());
    }
    const CoxData drawn = rows_of(whole, rows);
    if (std::ranges::find(drawn.event, char{1}) == drawn.event.end()) continue;
    const CoxFit trained = fit_cox(drawn, plain);
    if (!trained.converged) continue;
    const auto lp = predictors(whole, trained.coefficients);
    const Draw d{concordance_of(drawn, trained.linear_predictors), concordance_of(whole, lp),
                 slope_of(whole, lp, plain)};
    if (std::isfinite(d.c_training) && std::isfinite(d.c_test) && std::isfinite(d.slope)) results.push_back(d);
  }
  if (results.empty()) throw unusable_input("no bootstrap draw could be fitted");
  const auto mean = [&](double Draw::* value) {
    return std::accumulate(results.begin(), results.end(), 0.0,
                           [&](double sum, const Draw& d) { return sum + d.*value; }) /
           static_cast<double>(results.size());
  };
  const double apparent = concordance_of(whole, fit.linear_predictors), training = mean(&Draw::c_training),
               test = mean(&Draw::c_test), slope = mean(&Draw::slope);
  return {{"concordance", apparent, training, test, training - test, apparent - (training - test), results.size()},
          {"calibration slope", 1, 1, slope, 1 - slope, slope, results.size()}};
}

}  // namespace gliocast::survival
