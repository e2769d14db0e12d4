#include <gliocast/core/error.hpp>
#include <gliocast/survival/bootstrap_validation.hpp>
#include <gliocast/survival/concordance.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace gliocast::survival {
namespace {

std::vector<double> predictors(const CoxData& d, const std::vector<double>& coefficients) {
  std::vector<double> lp = d.offset.empty() ? std::vector<double>(d.time.size(), 0.0) : d.offset;
  for (std::size_t c = 0; c < d.x.columns; ++c)
    if (!std::isnan(coefficients[c]))
      for (std::size_t i = 0; i < lp.size(); ++i) lp[i] += coefficients[c] * d.x(i, c);
  return lp;
}

double concordance_of(const CoxData& d, const std::vector<double>& lp) {
  return concordance({d.time, d.event, d.entry, d.weights}, lp, {}, d.strata).value;
}

/// Coefficient of the linear predictor as the only column.
double slope_of(const CoxData& d, const std::vector<double>& lp, const CoxOptions& options) {
  CoxData alone{
      d.time, d.event, d.entry, d.weights, {}, d.strata, {}, stats::Matrix(lp.size(), 1), {"linear predictor"}};
  alone.x.values = lp;
  return fit_cox(alone, options).coefficients[0];
}

struct Draw {
  double c_training = 0, c_test = 0, slope = 0;
};

/// A model of the rows drawn, held against all rows.
stats::DrawResult<Draw> validate_draw(const CoxData& whole, const stats::Rows& rows, const CoxOptions& options) {
  const CoxData drawn = take(whole, rows);
  if (std::ranges::find(drawn.event, char{1}) == drawn.event.end()) return stats::FailedDraw{"no event"};
  const CoxFit trained = fit_cox(drawn, options);
  if (!trained.converged) return stats::FailedDraw{"the fit did not converge"};
  const auto lp = predictors(whole, trained.coefficients);
  const Draw d{concordance_of(drawn, trained.linear_predictors), concordance_of(whole, lp),
               slope_of(whole, lp, options)};
  if (!std::isfinite(d.c_training) || !std::isfinite(d.c_test)) return stats::FailedDraw{"no pair can be compared"};
  if (!std::isfinite(d.slope)) return stats::FailedDraw{"no slope can be fitted"};
  return d;
}

}  // namespace

BootstrapValidation bootstrap_validation(const CoxData& data, const CoxOptions& options,
                                         const stats::ResamplingOptions& resampling) {
  CoxOptions plain = options;
  plain.robust = false;
  CoxData whole = data;
  whole.cluster.clear();
  const CoxFit fit = fit_cox(whole, plain);
  const auto sampler = data.cluster.empty()
                           ? stats::bootstrap_rows(data.time.size(), resampling.seed)
                           : stats::bootstrap_units(stats::rows_of_clusters(data.cluster), resampling.seed);
  const auto drawn = stats::resample<Draw>(resampling, sampler,
                                           [&](const stats::Rows& rows) { return validate_draw(whole, rows, plain); });
  if (drawn.values.empty())
    throw unusable_input("no bootstrap draw could be fitted: " + stats::describe_failures(drawn.failed));
  const auto mean = [&](double Draw::* value) {
    return std::accumulate(drawn.values.begin(), drawn.values.end(), 0.0,
                           [&](double sum, const Draw& d) { return sum + d.*value; }) /
           static_cast<double>(drawn.values.size());
  };
  const double apparent = concordance_of(whole, fit.linear_predictors), training = mean(&Draw::c_training),
               test = mean(&Draw::c_test), slope = mean(&Draw::slope);
  return {{{"concordance", apparent, training, test, training - test, apparent - (training - test)},
           {"calibration slope", 1, 1, slope, 1 - slope, slope}},
          drawn.values.size(),
          drawn.failed};
}

}  // namespace gliocast::survival
