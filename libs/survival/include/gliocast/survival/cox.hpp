#pragma once
#include <gliocast/stats/estimate.hpp>
#include <gliocast/stats/matrix.hpp>

#include <string>
#include <vector>

namespace gliocast::survival {

/// What a Cox model is fitted to. Optional vectors are empty where unused; all others have n entries.
struct CoxData {
  std::vector<double> time;        ///< event or censoring time, any one unit
  std::vector<char> event;         ///< 1: event at `time`
  std::vector<double> entry;       ///< start of observation (left truncation), < time
  std::vector<double> weights;     ///< case weights, > 0
  std::vector<double> offset;      ///< added to the linear predictor
  std::vector<int> strata;         ///< stratum, from 0
  std::vector<int> cluster;        ///< subject, from 0, for the robust variance
  stats::Matrix x;                 ///< [n, p], no NaN
  std::vector<std::string> names;  ///< p column names, for messages
};

/// The rows of the data in the order given; rows may repeat.
[[nodiscard]] CoxData take(const CoxData& data, const std::vector<std::size_t>& rows);

enum class Ties { Efron, Breslow, Exact };

struct CoxOptions {
  Ties ties = Ties::Efron;
  std::size_t iterations = 20;
  double tolerance =
      1e-9;  ///< relative change of the log-likelihood at which Newton's method stops, as coxph.control(eps =)
  bool robust = false;  ///< the sandwich variance also without clusters
};

/// A fitted model. Aliased columns have NaN coefficients and zero variance.
struct CoxFit {
  Ties ties = Ties::Efron;
  std::size_t n = 0, events = 0, iterations = 0;
  bool converged = true;
  std::vector<double> coefficients;
  std::vector<double> iterated;   ///< where the iteration ended, also for columns found aliased only then (their
                                  ///< coefficients ran away); linear predictors and residuals hold these, as in R
  stats::Matrix variance;         ///< inverse information [p, p]
  stats::Matrix robust_variance;  ///< sandwich, grouped by cluster; 0×0 without
  double log_likelihood_null = 0, log_likelihood = 0;
  stats::TestResult likelihood_ratio, wald, score;
  std::vector<double> means;              ///< column means, 0 for columns of −1, 0, 1, as R's coxph centres
  std::vector<double> linear_predictors;  ///< Σ β (x − mean) + offset
  std::vector<double> martingale;         ///< residuals
  std::vector<char> unbounded;  ///< one a column: 1 where the coefficient ran away (separation); empty: none looked at
  std::vector<std::string> warnings;  ///< columns that are aliased, coefficients that may be infinite, no convergence

  /// The robust variance where there is one, else the inverse information.
  [[nodiscard]] const stats::Matrix& used_variance() const {
    return robust_variance.rows > 0 ? robust_variance : variance;
  }
  /// Whether a coefficient is infinite, or may be: its hazard ratio, interval and Wald test mean nothing.
  [[nodiscard]] bool infinite(std::size_t column) const { return !unbounded.empty() && unbounded[column] != 0; }
};

/// Maximum partial likelihood by Newton's method with step halving, from 0. Risk sets in O(n log n), an iteration in
/// O(n p²). Throws Error{UnusableInput}: no rows, no event, a time that is not finite or not after its entry, weights
/// not positive, weights with exact ties. Source: Cox 1972; Efron 1977; Breslow 1974; Lin & Wei 1989 (robust). Numbers
/// as R survival's coxph, its stopping rule included.
[[nodiscard]] CoxFit fit_cox(const CoxData& data, const CoxOptions& options = {});

/// What a fit says at coefficients that were found elsewhere, one a column: their log-likelihood, linear predictors and
/// martingale residuals. No variance and no test. Throws as fit_cox() does.
[[nodiscard]] CoxFit cox_fit_at(const CoxData& data, const std::vector<double>& coefficients, Ties ties);

/// Cumulative baseline hazard of one stratum at the linear predictor 0, with what its variance needs.
struct BaselineHazard {
  std::vector<double> time;        ///< ascending event times
  std::vector<double> cumulative;  ///< hazard up to and including `time`
  std::vector<double> variance;    ///< cumulative Σ dH / S0
  stats::Matrix mean_covariates;   ///< [times, p] cumulative Σ x̄ dH, x centred at the fit's means
  double last_follow_up = 0;       ///< largest time of the stratum
};
/// One a stratum. Efron's increments for Efron ties, else Breslow's, as survfit.coxph.
[[nodiscard]] std::vector<BaselineHazard> baseline_hazards(const CoxData& data, const CoxFit& fit);

}  // namespace gliocast::survival
